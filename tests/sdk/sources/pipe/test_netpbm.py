"""Pictures that say their size."""

from __future__ import annotations

import pytest

from sonoedge.errors import StreamRefused
from sonoedge.sources.pipe.netpbm import Header, header_from


def test_grey_and_colour_are_told_by_their_mark() -> None:
    grey = header_from(b"P5\n640 480\n255\n")
    assert grey == Header(width=640, height=480, channels=1)
    colour = header_from(b"P6 2 1 255 ")
    assert colour == Header(width=2, height=1, channels=3)
    assert colour.pixels(bytearray([1, 2, 3, 4, 5, 6])).tolist() == [[[3, 2, 1], [6, 5, 4]]]
    assert Header(width=2, height=2, channels=1).pixels(bytearray(range(4))).tolist() == [
        [0, 1], [2, 3]
    ]  # fmt: skip


def test_a_header_that_goes_on_needs_more() -> None:
    assert header_from(b"P5\n640 480\n2") is None


@pytest.mark.req("R70")
@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"Setting pip", "BAD_IMAGE"),
        (b"P4 1 1 255\n", "BAD_IMAGE"),
        (b"P5 # a comment, which is not read", "BAD_IMAGE"),
        (b"P5 9000 1 255\n", "BAD_IMAGE"),
        (b"P5 0 10 255\n", "BAD_IMAGE"),
        (b"P5 1 1 65535\n", "UNSUPPORTED_IMAGE"),
        (b"P5 10 10 15\n", "UNSUPPORTED_IMAGE"),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(StreamRefused) as caught:
        header_from(data)
    assert caught.value.why == why
