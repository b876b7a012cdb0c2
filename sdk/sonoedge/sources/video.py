"""Frames from a video file, decoded by OpenCV."""

from __future__ import annotations

import math
from collections.abc import Generator
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from sonoedge.errors import SourceError
from sonoedge.sources.picture import Contents, Picture

SUFFIXES: Final = frozenset({".mp4", ".m4v", ".mov", ".mpeg", ".mpg", ".avi", ".webm", ".mkv"})

# Containers that record their count of frames; of others it is an estimate.
_COUNTED: Final = frozenset({".mp4", ".m4v", ".mov", ".avi"})


def video(path: Path) -> Contents:
    """A video file.

    Raises:
        SourceError: it cannot be opened; when read, it holds no frame, or ends early.
    """
    capture = _open(path)
    count = _positive(capture.get(cv2.CAP_PROP_FRAME_COUNT))
    fps = _positive(capture.get(cv2.CAP_PROP_FPS))
    capture.release()
    expected = None if count is None else round(count)

    def pictures() -> Generator[Picture, None, None]:
        capture = _open(path)
        try:
            index, time_s = 0, None
            while True:
                more, pixels = capture.read()
                if not more:
                    break
                if fps is not None:
                    time_s = _time_s(capture.get(cv2.CAP_PROP_POS_MSEC), time_s, fps)
                yield Picture(pixels=np.asarray(pixels, dtype=np.uint8), time_s=time_s)
                index += 1
        finally:
            capture.release()
        _check_end(path, index, expected)

    return Contents(
        name=path.name,
        pictures=pictures,
        count=expected,
        fps=fps,
        times="none" if fps is None else "own",
    )


def _open(path: Path) -> cv2.VideoCapture:
    capture = cv2.VideoCapture(str(path))
    if not capture.isOpened():
        capture.release()
        raise SourceError(
            f"{path.name} cannot be opened as a video; is it complete, and does a player open it?"
        )
    return capture


def _time_s(position_ms: float, before_s: float | None, fps: float) -> float:
    """The frame's own time; the frames that a decoder gives up last can come without."""
    time_s = position_ms / 1e3
    if before_s is None:
        return time_s if math.isfinite(time_s) else 0.0
    return time_s if math.isfinite(time_s) and time_s > before_s else before_s + 1 / fps


def _check_end(path: Path, read: int, expected: int | None) -> None:
    """A file cut short ends without an error; a trimmed one may lack a few frames."""
    if read == 0:
        raise SourceError(f"{path.name} holds no frame that can be decoded")
    counted = expected or 0 if path.suffix.lower() in _COUNTED else 0
    if read < 0.95 * counted - 1:
        raise SourceError(
            f"{path.name} ended after {read} of {expected} frames: it is cut short or damaged"
        )


def _positive(value: float) -> float | None:
    return value if math.isfinite(value) and value > 0 else None
