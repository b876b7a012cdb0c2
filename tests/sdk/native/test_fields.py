from __future__ import annotations

import numpy as np
import pytest

from sonoedge.native.fields import image_of, name_of, touching

GREY = np.arange(12 * 20, dtype=np.uint8).reshape(12, 20)
COLOUR = np.dstack([GREY] * 3)


@pytest.mark.parametrize("pixels", [GREY, COLOUR, GREY[3:9, 2:11], COLOUR[:, 5:], GREY[::2]])
def test_rows_may_lie_apart_and_nothing_is_copied(pixels: np.ndarray) -> None:
    assert touching(pixels) is pixels


@pytest.mark.parametrize(
    "pixels",
    [
        GREY[::-1],
        GREY[:, ::-1],
        GREY[:, ::2],
        GREY.T,
        COLOUR[..., ::-1],
        COLOUR[..., 0],
        np.broadcast_to(GREY[0], (12, 20)),
    ],
)
def test_pixels_that_c_could_not_walk_are_copied(pixels: np.ndarray) -> None:
    copy = touching(pixels)
    assert np.array_equal(copy, pixels)
    assert copy.flags.c_contiguous
    assert image_of(copy).stride >= copy.shape[1]


def test_a_name_is_its_text_unless_c_could_not_hold_it() -> None:
    assert name_of(None) is None
    assert name_of("curvé") == "curvé".encode()
    odd = [name_of(text) for text in ("a\0b", "a\0c", "a\udc80", "a\udc81")]
    assert len(set(odd)) == 4
    assert all(name is not None and name.isalnum() and len(name) == 64 for name in odd)
