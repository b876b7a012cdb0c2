"""The resize against its definition in whole numbers, and the one of earlier bundles."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from sonoedge.processing.preprocess import Preprocess, PreprocessSpec
from sonoedge.processing.resize import BLOCKS, LINEAR, steps

Pixels = npt.NDArray[np.uint8]
Whole = npt.NDArray[np.int64]


def grey(p: Pixels) -> Pixels:
    b, g, r = (p[..., n].astype(np.int64) for n in range(3))
    return ((3735 * b + 19235 * g + 9798 * r + 16384) >> 15).astype(np.uint8)


def weights(n: int, m: int) -> tuple[Whole, Whole, Whole]:
    f = (1.0 / (m / n)) * (np.arange(m) + 0.5) - 0.5
    left = np.floor(f).astype(np.int64)
    c = np.rint((f - left) * 256).astype(np.int64)
    c[(left < 0) | (left >= n - 1)] = 0
    left = left.clip(0, n - 1)
    return left, np.minimum(left + 1, n - 1), c


def linear(p: Pixels, columns: int, rows: int) -> Pixels:
    (x0, x1, cx), (y0, y1, cy) = weights(p.shape[1], columns), weights(p.shape[0], rows)
    q = p.astype(np.int64)
    r = (256 - cx) * q[:, x0] + cx * q[:, x1]
    v = (256 - cy[:, None]) * r[y0] + cy[:, None] * r[y1]
    return np.asarray((v + 32768) >> 16, dtype=np.uint8)


def blocks(p: Pixels, columns: int, rows: int) -> Pixels:
    kx, ky = p.shape[1] // columns, p.shape[0] // rows
    s = p.reshape(rows, ky, columns, kx).astype(np.int64).sum((1, 3))
    if kx == ky == 2:
        return np.asarray((s + 2) >> 2, dtype=np.uint8)
    rounded = np.rint(s.astype(np.float32) * np.float32(1 / (kx * ky)))
    return np.asarray(rounded, dtype=np.uint8)


def by_definition(p: Pixels, columns: int, rows: int) -> Pixels:
    for step in steps(p.shape[1], p.shape[0], columns, rows):
        if step is not None and p.shape != (step[1], step[0]):
            p = (linear if step[2] == LINEAR else blocks)(p, step[0], step[1])
    return p


SIZES = [(8, 8), (160, 120), (320, 240), (400, 300), (641, 479), (640, 480), (1024, 768)]
SIZES += [(1001, 701), (30, 700), (700, 30), (256, 192), (512, 100), (1, 1), (3, 2000)]


@pytest.mark.req("R58")
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("colour", [False, True])
def test_the_input_is_what_the_definition_in_whole_numbers_gives(
    size: tuple[int, int], colour: bool
) -> None:
    shape = (size[1], size[0], 3) if colour else (size[1], size[0])
    pixels = np.random.default_rng(size).integers(0, 256, shape, dtype=np.uint8)
    spec = PreprocessSpec(height=96, width=128, resize="stretch")
    want = by_definition(grey(pixels) if colour else pixels, 128, 96)
    np.testing.assert_array_equal(Preprocess(spec)(pixels)[0][0, 0], want)


def test_any_two_sizes_give_what_the_definition_gives() -> None:
    rng = np.random.default_rng(5)
    for _ in range(150):
        w, h, columns, rows = (int(n) for n in (*rng.integers(8, 500, 2), *rng.integers(8, 200, 2)))
        pixels = rng.integers(0, 256, (h, w), dtype=np.uint8)
        spec = PreprocessSpec(height=rows, width=columns, resize="stretch")
        made = Preprocess(spec)(pixels)[0][0, 0]
        np.testing.assert_array_equal(made, by_definition(pixels, columns, rows))


def test_areas_are_only_ever_whole_blocks() -> None:
    for w in range(8, 300, 7):
        for columns in (8, 33, 128):
            for h, rows in ((500, 64), (64, 64), (20, 64), (193, 97)):
                at = (w, h)
                for step in steps(w, h, columns, rows):
                    if step is None or step[:2] == at:
                        continue
                    if step[2] == BLOCKS:
                        assert at[0] % step[0] == 0
                        assert at[1] % step[1] == 0
                    at = step[:2]
                assert at == (columns, rows)


@pytest.mark.req("R58")
def test_a_bundle_from_before_it_keeps_the_resize_it_was_verified_with() -> None:
    pixels = np.random.default_rng(6).integers(0, 256, (300, 400), dtype=np.uint8)
    spec = PreprocessSpec(height=96, width=128, resize="stretch", interpolation="area")
    want = cv2.resize(pixels, (128, 96), interpolation=cv2.INTER_AREA)
    np.testing.assert_array_equal(Preprocess(spec)(pixels)[0][0, 0], want)
