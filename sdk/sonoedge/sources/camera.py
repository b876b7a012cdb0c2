"""Frames from a camera or a frame grabber under Linux (V4L2)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.errors import SourceError
from sonoedge.sources.picture import Contents, Picture

_OLDEST_NS = 1_000_000_000


def camera_index(spec: str) -> int | None:
    """N of "/dev/videoN", or None where the text is no such device."""
    match = re.fullmatch(r"/dev/video(\d+)", spec)
    return int(match[1]) if match else None


def camera(
    index: int,
    *,
    capture_class: Callable[[int, int], cv2.VideoCapture] = cv2.VideoCapture,
    clock_ns: Callable[[], int] = time.monotonic_ns,
) -> Contents:
    """The camera /dev/video`index`, open until it is closed.

    Raises:
        SourceError: it cannot be opened; when read, it gives no more frames.
    """
    name = f"/dev/video{index}"
    capture = capture_class(index, cv2.CAP_V4L2)
    if not capture.isOpened():
        capture.release()
        raise SourceError(
            f"{name} cannot be opened; is it plugged in, free, and yours to read "
            "(group video)? `v4l2-ctl --list-devices` lists what there is"
        )
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # a queue in the driver would be old frames

    def pictures() -> Generator[Picture, None, None]:
        while True:
            grabbed = capture.grab()
            # Before decoding, so that the time it takes counts towards the frame's age.
            now_ns = clock_ns()
            stamp_ns = _stamp_ns(capture.get(cv2.CAP_PROP_POS_MSEC), now_ns)
            retrieved, pixels = capture.retrieve() if grabbed else (False, None)
            if not retrieved or pixels is None:
                raise SourceError(f"{name} gives no more frames; is it still plugged in?")
            # As it is: a driver that changes to 16 bits must be refused, not wrapped around.
            yield Picture(
                pixels=cast("npt.NDArray[np.uint8]", np.asarray(pixels)),
                captured_ns=now_ns if stamp_ns is None else stamp_ns,
                stamped=stamp_ns is not None,
            )

    return Contents(
        name=name,
        pictures=pictures,
        count=None,
        fps=capture.get(cv2.CAP_PROP_FPS) or None,
        times="live",
        close=capture.release,
    )


def _stamp_ns(position_ms: float, now_ns: int) -> int | None:
    """The driver's own stamp, where it is one of the monotonic clock's last second.

    Most V4L2 drivers stamp buffers with that clock; some use another or none.
    """
    stamp_ns = round(position_ms * 1e6) if np.isfinite(position_ms) else 0
    return stamp_ns if 0 < stamp_ns <= now_ns <= stamp_ns + _OLDEST_NS else None
