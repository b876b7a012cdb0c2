"""What the hand-written loops share: letterbox, and regions in a frame's own pixels."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from subject import Outlines, Picture, Regions, Subject


def letterboxed(picture: Picture, subject: Subject) -> Picture:
    """A frame, uint8 (H, W), resized and padded to the network's input."""
    x0, y0, x1, y1 = subject.placed
    height, width = subject.input_hw
    small = cv2.resize(picture, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
    pad = subject.recipe.input.pad_value
    edges = (y0, height - y1, x0, width - x1)
    padded = cv2.copyMakeBorder(small, *edges, cv2.BORDER_CONSTANT, value=(pad,))
    return np.asarray(padded, dtype=np.uint8)


def cut(values: npt.NDArray[np.generic], subject: Subject) -> npt.NDArray[np.generic]:
    """The part of a map, (h, w), that shows the frame and no padding."""
    x0, y0, x1, y1 = subject.placed
    ky, kx = values.shape[0] / subject.input_hw[0], values.shape[1] / subject.input_hw[1]
    return values[round(y0 * ky) : round(y1 * ky), round(x0 * kx) : round(x1 * kx)]


def regions_of(
    mask: Picture, malignancy: npt.NDArray[np.generic] | None, subject: Subject
) -> Regions:
    """The outer outlines of a mask, in pixels of the frame, without the small ones.

    Args:
        mask: uint8, of the frame's size or smaller; not 0 inside.
        malignancy: of the same shape, uint8 levels of 255 or float probabilities; None where
            the peer gives no grade.
    """
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    height, width = subject.frame_hw
    kx, ky = width / mask.shape[1], height / mask.shape[0]
    kept: Outlines = []
    suspicion = 0.0
    for outline in outlines:
        if cv2.contourArea(outline) * kx * ky < subject.min_area_px:
            continue
        points = (outline[:, 0] + 0.5) * (kx, ky) - 0.5
        kept.append(np.rint(points).astype(np.int32))
        if malignancy is not None:
            suspicion = max(suspicion, _mean_inside(outline, malignancy))
    graded = malignancy is not None
    flagged = suspicion >= subject.postprocess.flag_threshold if graded else None
    return Regions(outlines=kept, flagged=flagged)


def _mean_inside(outline: cv2.typing.MatLike, malignancy: npt.NDArray[np.generic]) -> float:
    """Mean probability inside an outline, (N, 1, 2) in cells of the map."""
    x, y, w, h = cv2.boundingRect(outline)
    solid = np.zeros((h, w), dtype=np.uint8)
    cv2.drawContours(solid, [outline], -1, 255, cv2.FILLED, offset=(-x, -y))
    values = np.ascontiguousarray(malignancy[y : y + h, x : x + w])
    return cv2.mean(values, solid)[0] / (255.0 if values.dtype == np.uint8 else 1.0)


def filled(outlines: Outlines, frame_hw: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """The pixels inside outlines."""
    mask = np.zeros(frame_hw, dtype=np.uint8)
    cv2.drawContours(mask, [o[:, None] for o in outlines], -1, 255, cv2.FILLED)
    return mask > 0
