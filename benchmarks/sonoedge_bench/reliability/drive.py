"""Frames to drive a session with, and waiting for what it does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from sonoedge import Frame


def speckle(number: int, *, height: int = 120, width: int = 160) -> npt.NDArray[np.uint8]:
    """Noise that the guard lets pass, uint8 (H, W); another one for each number."""
    rng = np.random.default_rng(number)
    return rng.integers(60, 200, (height, width), dtype=np.uint8)


def frame(number: int = 0, **fields: Any) -> Frame:
    """A frame of speckle, captured now."""
    return Frame(pixels=speckle(number), **fields)


def wait_until(true: Callable[[], object], limit_s: float = 120.0) -> bool:
    """Whether it comes true; the limit only ends what has failed."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.001)
    return bool(true())
