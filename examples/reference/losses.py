"""What LesionNet is trained for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional as F

from detection import detection
from lesionnet import Logits

Overlap = Callable[[Tensor, Tensor], Tensor]


def soft_dice(found: Tensor, area: Tensor) -> Tensor:
    """1 - soft Dice of each frame (Milletari et al. 2016, arXiv:1606.04797), float32 [B]."""
    both = (found * area).sum((1, 2, 3))
    return 1 - (2 * both + 16) / (found.sum((1, 2, 3)) + area.sum((1, 2, 3)) + 16)


def focal_tversky(found: Tensor, area: Tensor, miss: float = 0.7, power: float = 4 / 3) -> Tensor:
    """A missed lesion costs more than a false region of its size, float32 [B].

    (1 - Tversky index) ** power (Abraham and Khan 2019, arXiv:1810.07842). With a power above
    1 a frame weighs the more the worse its lesion is found; the paper's own is 3/4. Soft Dice
    is `miss` 0.5 and `power` 1.

    Args:
        miss: weight of what is missed; 1 - miss is that of what is found falsely.
    """
    both = (found * area).sum((1, 2, 3))
    missed, false = area.sum((1, 2, 3)) - both, found.sum((1, 2, 3)) - both
    index = (both + 8) / (both + miss * missed + (1 - miss) * false + 8)
    return (1 - index).clamp(min=1e-6) ** power


OVERLAPS: Final[dict[str, Overlap]] = {"dice": soft_dice, "tversky": focal_tversky}


def loss(
    logits: Logits,
    mask: Tensor,
    label: Tensor,
    smooth: float = 0.05,
    overlap: Overlap = soft_dice,
    detect: float = 0.0,
) -> Tensor:
    """Find the lesion, grade it as a whole, and name the frame.

    The lesion: cross-entropy and overlap. The grade: cross-entropy of the mean probability
    over the lesion, which is what the device reads, and of each pixel. The frame:
    cross-entropy; of a lesion without a grade, of its being benign or malignant.

    Args:
        mask: float32 [B, 1, H, W] in [0, 1].
        label: int64 [B], 0 normal, 1 benign, 2 malignant, 3 out of scope, -1 a lesion whose
            grade teaches nothing.
        smooth: label smoothing of the grades (Szegedy et al. 2016).
        overlap: one of OVERLAPS.
        detect: weight of `detection`.
    """
    size = logits["lesion"].shape[2:]
    area = F.interpolate(mask, size=size, mode="area")
    lesion = logits["lesion"].float()
    found = torch.sigmoid(lesion)
    pixel = F.binary_cross_entropy_with_logits(lesion, area)

    seen = area.sum((1, 2, 3)) > 8
    graded = seen & ((label == 1) | (label == 2))
    target = ((label == 2).float() * (1 - 2 * smooth) + smooth)[graded]
    grade, weight = logits["malignancy"].float()[graded], area[graded]
    total = weight.sum((1, 2, 3)).clamp(min=1)
    mean = (torch.sigmoid(grade) * weight).sum((1, 2, 3)) / total
    region = F.binary_cross_entropy(mean.clamp(1e-4, 1 - 1e-4), target)
    each = F.binary_cross_entropy_with_logits(
        grade, target[:, None, None, None].expand_as(grade), reduction="none"
    )
    each = ((each * weight).sum((1, 2, 3)) / total).mean()

    shown = torch.where(seen | (label == 3), label, torch.zeros_like(label))
    named = logits["frame"].float()
    known = F.cross_entropy(named, shown.clamp(min=0), label_smoothing=smooth, reduction="none")
    either = named.logsumexp(1) - named[:, 1:3].logsumexp(1)
    frame = torch.where(shown < 0, either, known).mean()
    grades = 0.5 * region + 0.25 * each if bool(graded.any()) else grade.sum() * 0
    whole = overlap(found, area).mean()
    if detect:
        whole = whole + detect * detection(found, area)
    return 2 * pixel + whole + grades + 0.2 * frame


def from_teachers(logits: Logits, taught: Logits) -> Tensor:
    """Answer as the teachers do (Hinton et al. 2015, arXiv:1503.02531).

    The lesion: cross-entropy and overlap with the teachers' map. The grade: cross-entropy of
    each pixel and of the mean, over what the teachers take for a lesion. The frame:
    cross-entropy.
    """
    lesion, wanted = logits["lesion"].float(), torch.sigmoid(taught["lesion"].float())
    found = torch.sigmoid(lesion)
    pixel = F.binary_cross_entropy_with_logits(lesion, wanted)
    both = (found * wanted).sum((1, 2, 3))
    whole = found.square().sum((1, 2, 3)) + wanted.square().sum((1, 2, 3))
    overlap = (1 - (2 * both + 16) / (whole + 16)).mean()

    grade, meant = logits["malignancy"].float(), torch.sigmoid(taught["malignancy"].float())
    total = wanted.sum((1, 2, 3))
    seen = (total > 8).float() / total.clamp(min=8)  # 1 / area, 0 where there is no lesion
    each = F.binary_cross_entropy_with_logits(grade, meant, reduction="none")
    each = (each * wanted).sum((1, 2, 3)) * seen
    mean = ((torch.sigmoid(grade) * wanted).sum((1, 2, 3)) * seen).clamp(1e-4, 1 - 1e-4)
    target = ((meant * wanted).sum((1, 2, 3)) * seen).clamp(1e-4, 1 - 1e-4)
    region = F.binary_cross_entropy(mean, target)

    named = F.softmax(taught["frame"].float(), 1)
    frame = F.cross_entropy(logits["frame"].float(), named)
    return 2 * pixel + overlap + 0.5 * region + 0.25 * each.mean() + 0.2 * frame
