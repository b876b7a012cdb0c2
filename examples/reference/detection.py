"""A loss that counts lesions: each is found or missed, whatever its size."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

SMALLEST = 8  # cells of half the resolution: less of a lesion is a border, not a lesion
WORST = 64  # cells of the background that stand for its most likely false region
APART = 9  # cells across: nearer than half of it to a lesion, nothing is a false region


def lesions(mask: Tensor) -> tuple[Tensor, Tensor]:
    """The separate lesions of a batch: float32 [N, H, W], 1 inside, and int64 [N], whose.

    Args:
        mask: float32 [B, 1, H, W] in [0, 1].
    """
    inside, frames = [], []
    for number, one in enumerate((mask[:, 0] > 0.5).cpu().numpy().astype(np.uint8)):
        count, labels, stats, _ = cv2.connectedComponentsWithStats(one, connectivity=8)
        for label in range(1, count):
            if stats[label, cv2.CC_STAT_AREA] >= SMALLEST:
                inside.append(labels == label)
                frames.append(number)
    empty = np.zeros((0, *mask.shape[2:]), bool)
    each = torch.from_numpy(np.stack(inside) if inside else empty)
    return each.float().to(mask.device), torch.tensor(frames, dtype=torch.int64).to(mask.device)


def detection(found: Tensor, area: Tensor) -> Tensor:
    """Cross-entropy of finding each lesion, and of showing nothing elsewhere; a scalar.

    A lesion is found with the mean probability of its pixels. Overlap losses leave a lesion
    that is missed with confidence nearly alone, as the gradient of a probability near 0
    vanishes, and in a mean over pixels a small lesion hardly counts; the logarithm of a
    lesion's mean does neither. A false region is shown with the mean of the WORST cells
    away from any lesion: the larger share of frames without one pays for a low threshold.

    Args:
        found: probability of a lesion, float32 [B, 1, H, W].
        area: the truth, float32 [B, 1, H, W] in [0, 1].
    """
    each, frame = lesions(area)
    mean = (found[frame, 0] * each).sum((1, 2)) / each.sum((1, 2)).clamp(min=1)
    missed = -(mean + 1e-3).log()
    near = F.max_pool2d((area > 0).float(), APART, 1, APART // 2)
    worst = (found * (1 - near)).flatten(1).topk(WORST, 1).values.mean(1)
    false = -(1 - worst + 1e-3).log()
    return (missed.mean() if len(missed) else found.sum() * 0) + false.mean()
