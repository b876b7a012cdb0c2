"""Grey and the network's input, against OpenCV's and Python's."""

from __future__ import annotations

import ctypes
from pathlib import Path

import cv2
import numpy as np
import pytest

from c_frame_path import NativePath
from effort import sample_size
from native_frame import built
from sonoedge.guard import GuardSettings
from sonoedge.native.fields import image_of
from sonoedge.processing.geometry import Roi
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.processing.preprocess import Preprocess, PreprocessSpec

POST = PostprocessSpec(labels=("benign", "malignant"), positive=("malignant",))
OUTPUTS = {"lesion_map": (1, 1, 8, 8)}


def test_every_colour_becomes_opencvs_grey(library: ctypes.CDLL) -> None:
    levels = np.arange(256, dtype=np.uint8)
    grey = np.empty((256, 256), np.uint8)
    for blue in range(256):
        plane = np.stack([np.full((256, 256), blue, np.uint8), *np.meshgrid(levels, levels)], -1)
        library.so_grey(ctypes.byref(image_of(plane)), ctypes.c_void_p(grey.ctypes.data))
        assert np.array_equal(grey, cv2.cvtColor(plane, cv2.COLOR_BGR2GRAY))


def picture(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Random pixels, or a smooth picture, or one that is part of a larger one."""
    kind = rng.integers(3)
    if kind == 0:
        return rng.integers(0, 256, shape, dtype=np.uint8)
    height, width, *channels = shape
    large = rng.integers(0, 256, (height + 5, width + 7, *channels), dtype=np.uint8)
    if kind == 1:
        large = np.asarray(cv2.blur(large, (5, 3)), np.uint8).reshape(large.shape)
    return large[2 : 2 + height, 3 : 3 + width]


def size(rng: np.random.Generator) -> int:
    return int(rng.choice((rng.integers(1, 12), rng.integers(12, 200), rng.integers(200, 700))))


def spec(rng: np.random.Generator) -> PreprocessSpec:
    grey_map = tuple(sorted(int(level) for level in rng.integers(0, 256, 256)))
    return PreprocessSpec(
        height=int(rng.integers(8, 300)),
        width=int(rng.integers(8, 300)),
        resize="stretch" if rng.random() < 0.3 else "letterbox",
        pad_value=int(rng.integers(0, 256)),
        grey_map=grey_map if rng.random() < 0.3 else None,
        roi=Roi(x0=0.1, y0=0.25, x1=0.9, y1=1.0, unit="fraction") if rng.random() < 0.3 else None,
    )


@pytest.mark.parametrize("seed", range(sample_size(20)))
def test_the_input_is_pythons_for_pictures_of_any_size(library: ctypes.CDLL, seed: int) -> None:
    rng = np.random.default_rng(seed)
    guard = GuardSettings()
    for _ in range(8):
        settings = spec(rng)
        python = Preprocess(settings)
        path = NativePath(
            library, preprocess=settings, postprocess=POST, guard=guard, outputs=OUTPUTS
        )
        for _ in range(6):
            channels: tuple[int, ...] = [(), (3,), (4,)][rng.integers(3)]
            pixels = picture(rng, (size(rng), size(rng), *channels))
            given = path.picture(pixels)
            seen = np.ascontiguousarray(pixels[..., :3]) if channels else pixels
            x0, y0, x1, y1 = (0, 0, *seen.shape[1::-1])
            if settings.roi is not None:
                x0, y0, x1, y1 = settings.roi.box_px(*seen.shape[:2])
            if x1 <= x0 or y1 <= y0:
                assert given is None
                continue
            assert given is not None
            wanted, _ = python(seen)
            assert np.array_equal(given, wanted[0, 0]), (pixels.shape, settings)
        path.close()


@pytest.mark.parametrize("factor", [1, 2, 3, 4, 5, 7, 16])
def test_whole_factors_are_averaged_alike(library: ctypes.CDLL, factor: int) -> None:
    rng = np.random.default_rng(factor)
    for other in (1, 2, 3):
        settings = PreprocessSpec(height=24, width=32, resize="stretch")
        pixels = rng.integers(0, 256, (24 * factor, 32 * other), dtype=np.uint8)
        path = NativePath(
            library, preprocess=settings, postprocess=POST, guard=GuardSettings(), outputs=OUTPUTS
        )
        given = path.picture(pixels)
        assert given is not None
        assert np.array_equal(given, Preprocess(settings)(pixels)[0][0, 0])
        path.close()


def test_processors_without_wide_vectors_give_the_same(tmp_path: Path) -> None:
    plain = built("gcc", tmp_path / "plain.so", "-shared", "-fPIC", "-DSO_HAS_AVX2=0")
    for seed in range(2):
        test_the_input_is_pythons_for_pictures_of_any_size(ctypes.CDLL(str(plain)), seed)
