"""A picture whose segments can be blurred, and the engine that is asked what then remains."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.explain.target import Target
from sonoedge.runtime import Runtime

MOST_CALLS: Final = 256
# Standard deviation of the blur, as a share of the shorter side: a lesion of a tenth of the
# picture is gone, its surroundings keep their brightness.
BLUR: Final = 0.04

Segments = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


class Question:
    """One frame as the engine gets it; every call is counted.

    Args:
        engine: asked with one picture at a time.
        tensor: uint8 [1, 1, H, W], the network's input of the frame; it is copied.
        box: (x0, y0, x1, y1) of the input that the frame covers: padding is not blurred.
        target: which number of the answer is read.
        progress: called with the number of calls made.

    Attributes:
        calls: engine calls so far.
        base: the target's value for the frame as it is.
    """

    def __init__(
        self,
        engine: Runtime,
        tensor: npt.NDArray[np.uint8],
        box: tuple[int, int, int, int],
        target: Target,
        progress: Callable[[int], None] = lambda calls: None,
    ) -> None:
        self._engine, self._target, self._progress = engine, target, progress
        self._tensor, self._box = tensor.copy(), box
        x0, y0, x1, y1 = box
        self._sharp = self._tensor[0, 0, y0:y1, x0:x1].copy()
        sigma = BLUR * min(self._sharp.shape)
        self._blurred = cv2.GaussianBlur(self._sharp, (0, 0), sigma)
        self.calls = 0
        self.base = self.ask(np.zeros(self._sharp.shape, dtype=bool))

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width) of the part of the input that the frame covers."""
        height, width = self._sharp.shape
        return height, width

    def ask(self, blurred: npt.NDArray[Any]) -> float:
        """The target's value with some of the picture blurred.

        Args:
            blurred: bool, of this question's shape.
        """
        x0, y0, x1, y1 = self._box
        self._tensor[0, 0, y0:y1, x0:x1] = np.where(blurred, self._blurred, self._sharp)
        self.calls += 1
        answer = self._engine.infer({self._engine.inputs[0].name: self._tensor})
        self._progress(self.calls)
        return self._target.value(answer)

    def fall(self, segments: Segments, blurred: Flags) -> float:
        """How much the value falls with some segments blurred; below 0 where it rises.

        Args:
            segments: the number of each pixel's segment, of this question's shape.
            blurred: bool, one for each segment.
        """
        return self.base - self.ask(blurred[segments])


def patches(shape: tuple[int, int], most: int) -> Segments:
    """Numbers of square patches, row by row: as small as gives at most `most` of them."""
    height, width = shape
    side = max(1, math.isqrt(height * width // most))
    while math.ceil(height / side) * math.ceil(width / side) > most:
        side += 1
    rows, columns = np.arange(height) // side, np.arange(width) // side
    numbers: Segments = rows[:, None] * (int(columns[-1]) + 1) + columns[None, :]
    return numbers
