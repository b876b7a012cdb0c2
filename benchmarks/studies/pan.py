"""A probe that pans over a still: moving frames in which the lesion's place is known.

The tissue does not move and no speckle decorrelates as in a body; a grain that differs
from frame to frame, a hand's tremor and a drift of the gain stand for what does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pan:
    """How the view moves.

    Attributes:
        frames: of one pan over one still.
        share: of the still's width and height that is seen at once.
        size: (width, height) of the frames.
        tremor: of the view, standard deviation as a share of its side.
        grain: standard deviation of each frame's own noise, in grey levels at mid grey.
        gain: largest drift of the brightness, as a share.
    """

    frames: int = 90
    share: float = 0.6
    size: tuple[int, int] = (640, 480)
    tremor: float = 0.002
    grain: float = 10.0
    gain: float = 0.06


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class View:
    """One frame of a pan.

    Attributes:
        pixels: uint8 (H, W).
        mask: bool (H, W), the lesion in this frame.
        visible: share of the whole lesion that lies in this frame; 0 without a lesion.
    """

    pixels: Picture
    mask: npt.NDArray[np.bool_]
    visible: float


def pan(still: Picture, mask: Picture, settings: Pan, rng: np.random.Generator) -> Iterator[View]:
    """The frames of one pan, from one side of the still to the other.

    Args:
        still: uint8 (H, W).
        mask: uint8 (H, W), above 127 inside the lesion.
        rng: direction, tremor and grain.
    """
    height, width = still.shape
    side_w, side_h = width * settings.share, height * settings.share
    k = min(settings.size[0] / side_w, settings.size[1] / side_h)
    size = round(side_w * k), round(side_h * k)
    lesion = (mask > 127).astype(np.uint8) * 255
    lesion_area = np.count_nonzero(lesion) * k * k
    angle, phase = rng.uniform(0, 2 * np.pi), rng.uniform(0, 2 * np.pi)
    for step in range(settings.frames):
        t = 2 * step / max(1, settings.frames - 1) - 1
        shake = rng.normal(0, settings.tremor, 2)
        x = width / 2 + (width - side_w) / 2 * np.cos(angle) * t + shake[0] * side_w
        y = height / 2 + (height - side_h) / 2 * np.sin(angle) * t + shake[1] * side_h
        move = np.array([[k, 0, size[0] / 2 - k * x], [0, k, size[1] / 2 - k * y]])
        visible_mask = cv2.warpAffine(lesion, move, size, flags=cv2.INTER_NEAREST) > 0
        plain = cv2.warpAffine(still, move, size, flags=cv2.INTER_LINEAR).astype(np.float32)
        grain = cv2.GaussianBlur(rng.normal(0, 1, (size[1], size[0])), (0, 0), 1.2)
        gain = 1 + settings.gain * np.sin(2 * np.pi * step / 40 + phase)
        shaded = plain * gain + grain / grain.std() * settings.grain * np.sqrt(plain / 128)
        yield View(
            pixels=np.asarray(np.clip(np.rint(shaded), 0, 255), dtype=np.uint8),
            mask=np.asarray(visible_mask, dtype=np.bool_),
            visible=0.0
            if lesion_area == 0
            else min(1.0, float(np.count_nonzero(visible_mask) / lesion_area)),
        )
