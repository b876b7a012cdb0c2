"""A slow pan and zoom over stills: moving frames where only stills are at hand.

It is no recording: the tissue does not move, and no two stills belong together.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]


def moving_view(
    stills: list[Picture], *, frames_each: int = 25, size: tuple[int, int] = (640, 480)
) -> Iterator[Picture]:
    """Frames of (width, height) `size`, uint8 (H, W), that wander over each still in turn."""
    for number, still in enumerate(stills):
        h, w = still.shape[:2]
        angle = number * 2.4
        for step in range(frames_each):
            t = step / max(1, frames_each - 1)
            zoom = 0.80 + 0.12 * np.sin(np.pi * t)  # the share of the still that is seen
            side_w, side_h = w * zoom, h * zoom
            # From one side to the other, along a direction that differs per still.
            x = w / 2 + (w - side_w) / 2 * np.cos(angle) * (2 * t - 1)
            y = h / 2 + (h - side_h) / 2 * np.sin(angle) * (2 * t - 1)
            k = min(size[0] / side_w, size[1] / side_h)
            move = np.array(
                [[k, 0, size[0] / 2 - k * x], [0, k, size[1] / 2 - k * y]], dtype=np.float64
            )
            view = cv2.warpAffine(still, move, size, flags=cv2.INTER_LINEAR)
            yield np.asarray(view, dtype=np.uint8)
