from __future__ import annotations

import cv2
import numpy as np
import pytest

from sonoedge.errors import InvalidRecording, OutputError
from sonoedge.recording.picture import decode, encode


@pytest.mark.parametrize("shape", [(1, 1), (7, 5), (120, 160), (3, 4, 3), (120, 160, 3)])
def test_a_picture_comes_back_to_the_last_bit(shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    assert np.array_equal(decode(encode(pixels), "a.png"), pixels)


def test_no_picture_and_no_frame_are_refused() -> None:
    with pytest.raises(OutputError):
        encode(np.empty((0, 4), dtype=np.uint8))
    for data in (b"", b"\x89PNG\r\n\x1a\n", encode(np.zeros((4, 4), dtype=np.uint8))[:-1]):
        with pytest.raises(InvalidRecording, match=r"a\.png is not a recorded frame"):
            decode(data, "a.png")


def test_a_picture_of_another_kind_is_refused() -> None:
    deep = cv2.imencode(".png", np.zeros((4, 4), dtype=np.uint16))[1].tobytes()
    with pytest.raises(InvalidRecording, match="8-bit"):
        decode(deep, "a.png")
