"""IMAGE: pixels and spacing as they were sent, and everything else refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sonoedge.errors import StreamRefused
from sonoedge.igtl.image import IMAGE, image_from
from sonoedge.igtl.message import Header, Message
from sonoedge.igtl.outgoing import image_content

HEADER = Header(version=1, type="IMAGE", device="d", stamp=0, body_bytes=0, crc=0)
PIXELS = np.arange(6, dtype=np.uint8).reshape(2, 3)


def received(content: bytes) -> Message:
    return Message(header=HEADER, content=memoryview(content))


def changed(index: int, value: float) -> bytes:
    content = image_content(PIXELS)
    fields = list(IMAGE.unpack_from(content))
    fields[index] = value
    return IMAGE.pack(*fields) + content[IMAGE.size :]


@pytest.mark.parametrize("shape", [(2, 3), (5, 7, 3)])
def test_a_picture_is_what_was_sent(shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    image = image_from(received(image_content(pixels, (0.25, 0.5))))
    assert np.array_equal(image.pixels, pixels)
    assert image.spacing_mm == (0.25, 0.5)


def test_of_four_components_the_fourth_is_dropped() -> None:
    rgba = np.arange(24, dtype=np.uint8)
    head = list(IMAGE.unpack_from(image_content(PIXELS)))
    head[1] = 4
    image = image_from(received(IMAGE.pack(*head) + rgba.tobytes()))
    assert image.pixels[0, 0].tolist() == [2, 1, 0]
    assert image.pixels.shape == (2, 3, 3)


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (0.001, 0.1), (0.1, 2.5)])
def test_a_spacing_that_means_unknown_is_none(spacing: tuple[float, float]) -> None:
    assert image_from(received(image_content(PIXELS, spacing))).spacing_mm is None


@pytest.mark.req("R59")
@pytest.mark.parametrize(
    ("index", "value", "why"),
    [
        (1, 2, "UNSUPPORTED_IMAGE"),  # components
        (2, 5, "UNSUPPORTED_IMAGE"),  # uint16
        (2, 10, "UNSUPPORTED_IMAGE"),  # float32
        (3, 0, "BAD_IMAGE"),  # byte order
        (4, 3, "BAD_IMAGE"),  # coordinates
        (5, 0, "BAD_IMAGE"),  # width
        (5, 8193, "BAD_IMAGE"),
        (6, 3, "UNSUPPORTED_IMAGE"),  # height: no more the sub-volume's
        (7, 2, "UNSUPPORTED_IMAGE"),  # slices
        (8, math.nan, "BAD_IMAGE"),  # matrix
        (20, 1, "UNSUPPORTED_IMAGE"),  # sub-volume
    ],
)
def test_a_picture_of_another_kind_is_refused(index: int, value: float, why: str) -> None:
    with pytest.raises(StreamRefused) as caught:
        image_from(received(changed(index, value)))
    assert caught.value.why == why


@pytest.mark.parametrize("content", [b"", image_content(PIXELS)[:-1], image_content(PIXELS) + b"x"])
def test_a_length_that_is_not_its_sizes_is_refused(content: bytes) -> None:
    with pytest.raises(StreamRefused, match="BAD_IMAGE"):
        image_from(received(content))
