"""sources/arrays.py"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sonoedge.errors import InvalidData, InvalidSettings
from sonoedge.sources import from_array


@pytest.mark.parametrize("shape", [(4, 5, 6), (4, 5, 6, 3)])
def test_the_frames_of_an_array_are_its_views(shape: tuple[int, ...]) -> None:
    pixels = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    source = from_array(pixels, spacing_mm=(0.1, 0.2))
    frames = list(source)
    assert source.count == len(frames) == 4
    for frame, own in zip(frames, pixels, strict=True):
        assert np.array_equal(frame.pixels, own)
        assert np.shares_memory(frame.pixels, pixels)
        assert frame.spacing_mm == (0.1, 0.2)


def test_the_caller_s_pixels_cannot_be_written_through_a_frame() -> None:
    pixels = np.zeros((1, 2, 2), dtype=np.uint8)
    (frame,) = from_array(pixels)
    with pytest.raises(ValueError, match="read-only"):
        frame.pixels[0, 0] = 1
    assert pixels.flags.writeable


def test_the_frame_rate_paces_an_array() -> None:
    frames = list(from_array(np.zeros((3, 2, 2), dtype=np.uint8), fps=1000, realtime=True))
    first = frames[0].captured_ns
    assert [f.captured_ns - first for f in frames] == [0, 1_000_000, 2_000_000]


def test_an_array_without_a_frame_rate_cannot_be_paced() -> None:
    with pytest.raises(InvalidSettings, match="no frame times"):
        from_array(np.zeros((3, 2, 2), dtype=np.uint8), realtime=True)


def test_a_frame_rate_of_zero_is_refused() -> None:
    with pytest.raises(InvalidSettings, match="positive"):
        from_array(np.zeros((3, 2, 2), dtype=np.uint8), fps=0)


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((2, 2), dtype=np.uint8),
        np.zeros((1, 2, 2, 4), dtype=np.uint8),
        np.zeros((1, 2, 2), dtype=np.float32),
    ],
)
def test_an_array_that_is_no_frames_is_refused(pixels: Any) -> None:
    with pytest.raises(InvalidData, match="frames must be"):
        from_array(pixels)
