"""The native PNG reader against OpenCV, by way of the bundle's own."""

from __future__ import annotations

import random
import struct
import zlib

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from c_reader import Reader
from fuzz import mutation
from fuzz.points.png_checksums import repair
from sonoedge.bundle.png import decode_png
from sonoedge.errors import UnsafeContent

Picture = npt.NDArray[np.uint8]


def picture(rng: np.random.Generator) -> Picture:
    """Noise, or a gradient with some; grey or colour."""
    height, width = rng.integers(1, 70, 2)
    shape = (height, width) if rng.random() < 0.5 else (height, width, 3)
    if rng.random() < 0.5:
        return rng.integers(0, 256, shape, dtype=np.uint8)
    ramp = np.add.outer(np.arange(height) * 3, np.arange(width) * 2).reshape(height, width)
    values = np.broadcast_to(ramp if len(shape) == 2 else ramp[..., None], shape)
    return (values + rng.integers(0, 4, shape)).astype(np.uint8)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def filtered(pixels: Picture, filters: list[int]) -> bytes:
    """A PNG whose rows have these filters; what they hold are the filtered bytes, not pixels."""
    height, width = pixels.shape[:2]
    rows = pixels.reshape(height, -1)
    data = b"".join(bytes([f]) + row.tobytes() for f, row in zip(filters, rows, strict=True))
    packed = zlib.compress(data)
    header = struct.pack(">IIBBBBB", width, height, 8, 0 if pixels.ndim == 2 else 2, 0, 0, 0)
    cut = len(packed) // 3  # several pieces
    body = chunk(b"IDAT", packed[:cut]) + chunk(b"IDAT", b"") + chunk(b"IDAT", packed[cut:])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


def as_answer(pixels: Picture) -> bytes:
    height, width = pixels.shape[:2]
    return b"%d %d %d\n" % (height, width, pixels.size // (height * width)) + pixels.tobytes()


def test_what_opencv_writes_is_read(reader: Reader) -> None:
    rng = np.random.default_rng(1)
    pictures = [picture(rng) for _ in range(300)]
    files = [
        cv2.imencode(
            ".png",
            pixels,
            [
                *(cv2.IMWRITE_PNG_COMPRESSION, int(rng.integers(0, 10))),
                *(cv2.IMWRITE_PNG_STRATEGY, int(rng.integers(0, 5))),
            ],
        )[1].tobytes()
        for pixels in pictures
    ]
    assert reader.answers("p", [(file, 0) for file in files]) == [as_answer(p) for p in pictures]


def test_every_filter_is_undone_as_opencv_undoes_it(reader: Reader) -> None:
    rng = np.random.default_rng(2)
    files = []
    for _ in range(400):
        pixels = picture(rng)
        files.append(filtered(pixels, [int(f) for f in rng.integers(0, 5, len(pixels))]))
    answers = reader.answers("p", [(file, 0) for file in files])
    assert answers == [as_answer(decode_png(file, "a.png")) for file in files]


def test_what_it_takes_of_damaged_files_is_what_opencv_makes_of_them(reader: Reader) -> None:
    rng, numbers = random.Random(3), np.random.default_rng(3)
    seeds = [filtered(p, [4] * len(p)) for p in (picture(numbers)[:12, :12] for _ in range(20))]
    files = [repair(mutation.mutated(rng, rng.choice(seeds))) for _ in range(5_000)]
    taken = 0
    for file, answer in zip(files, reader.answers("p", [(f, 0) for f in files]), strict=True):
        if not answer.startswith(b"!"):
            assert answer == as_answer(decode_png(file, "a.png")), file
            taken += 1
    assert 50 < taken < 4_950


@pytest.mark.parametrize("change", ["interlaced", "palette", "alpha", "16 bits", "huge", "text"])
def test_what_no_export_writes_is_refused(reader: Reader, change: str) -> None:
    file = bytearray(filtered(np.zeros((4, 4), dtype=np.uint8), [0] * 4))
    assert reader.answer("p", bytes(file)).startswith(b"4 4 1")
    if change == "text":
        file[33:33] = chunk(b"tEXt", b"a\0b")
    else:
        at, value = {
            "interlaced": (28, 1), "palette": (25, 3), "alpha": (25, 6), "16 bits": (24, 16),
            "huge": (16, 0x7F),
        }[change]  # fmt: skip
        file[at] = value
    damaged = repair(bytes(file))
    assert reader.answer("p", damaged).startswith(b"!it ")
    if change != "interlaced":  # which OpenCV reads, and no export writes
        with pytest.raises(UnsafeContent):
            decode_png(damaged, "a.png")
