"""Digests of network inputs, to be compared between machines: a line for each.

    python -m studies.input_digests > here.txt      # and there; then: diff here.txt there.txt

75 sizes of frames, grey and colour, three sizes of input, letterboxed and stretched, with the exact
resize and the one from before it: 1,800 lines. The frames are noise, in which every rounding shows.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from typing import Final, get_args

import numpy as np
import numpy.typing as npt

from sonoedge.processing.geometry import ResizePolicy
from sonoedge.processing.preprocess import Preprocess, PreprocessSpec

SIZES: Final = (
    *((640, 480), (641, 479), (1024, 768), (800, 600), (720, 576), (1280, 960), (1920, 1080)),
    *((1000, 700), (300, 200), (160, 120), (561, 473), (400, 300), (256, 256), (97, 211)),
    (2048, 1536),
)
RANDOM_SIZES: Final = 60
INPUTS: Final = ((256, 256), (224, 320), (96, 64))


def frames(random_sizes: int = RANDOM_SIZES) -> Iterator[npt.NDArray[np.uint8]]:
    """Noise, uint8 (H, W) and (H, W, 3) by turns; the same on every machine."""
    rng = np.random.default_rng(5)
    more = [tuple(rng.integers(8, 900, 2).tolist()) for _ in range(random_sizes)]
    for width, height in (*SIZES, *more):
        yield rng.integers(0, 256, (height, width), dtype=np.uint8)
        yield rng.integers(0, 256, (height, width, 3), dtype=np.uint8)


def digests(pixels: npt.NDArray[np.uint8]) -> Iterator[str]:
    """A line for each input that a frame gives: interpolation, sizes, policy, digest."""
    size = "x".join(map(str, pixels.shape))
    kinds = itertools.product(INPUTS, get_args(ResizePolicy), ("exact", "area"))
    for (height, width), resize, interpolation in kinds:
        spec = PreprocessSpec(
            height=height, width=width, resize=resize, interpolation=interpolation
        )
        digest = hashlib.sha256(Preprocess(spec)(pixels)[0].tobytes()).hexdigest()[:16]
        yield f"{interpolation} {size} {height}x{width} {resize} {digest}"


if __name__ == "__main__":
    for picture in frames():
        print(*digests(picture), sep="\n")
