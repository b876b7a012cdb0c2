"""What recovery trains for: the labels, and the unpruned network's answers.

Distillation after Hinton et al. 2015 (arXiv:1503.02531), place by place for maps. Which
outputs there are, and how they become probabilities, is read from the recipe.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from sonoedge_export.graph.deploy import Answer
from sonoedge_export.recipe.outputs import Output

SMOOTH = 0.05  # label smoothing of grades and classes (Szegedy et al. 2016)
SEEN = 8.0  # cells that a mask must cover for its lesion to be graded
EPSILON = 1e-4


def label_loss(answer: Answer, raw: Any, mask: Tensor, label: Tensor, positive: Tensor) -> Tensor:
    """Find the lesion, grade it as a whole, and name the frame.

    The lesion map: cross-entropy and soft Dice (Milletari et al. 2016, arXiv:1606.04797).
    The malignancy map: cross-entropy of its mean over the lesion, which is what the device
    reads. The class: cross-entropy, but for frames whose lesion was moved out of sight.

    Args:
        raw: the network's outputs for B frames.
        mask: float32 [B, 1, H, W] in [0, 1], -1 in a frame whose lesion is out of sight.
        label: int64 [B].
        positive: bool [B].
    """
    logits = {k: v.float() for k, v in answer.logits(raw).items()}
    values = {k: answer.value(k, v).clamp(EPSILON, 1 - EPSILON) for k, v in logits.items()}
    hidden = mask.amin((1, 2, 3)) < 0
    mask = mask.clamp(min=0)
    total = torch.zeros(())
    if "lesion_map" in values:
        lesion = values["lesion_map"]
        area = F.interpolate(mask, size=lesion.shape[2:], mode="area")
        intersection = (lesion * area).sum((1, 2, 3))
        overlap = (2 * intersection + 16) / (lesion.sum((1, 2, 3)) + area.sum((1, 2, 3)) + 16)
        total = total + 2 * F.binary_cross_entropy(lesion, area) + (1 - overlap).mean()
    if "malignancy_map" in values:
        grade = values["malignancy_map"]
        inside = F.interpolate(mask, size=grade.shape[2:], mode="area")
        cells = inside.sum((1, 2, 3))
        mean = (grade * inside).sum((1, 2, 3)) / cells.clamp(min=1)
        target = positive.float() * (1 - 2 * SMOOTH) + SMOOTH
        graded = (cells > SEEN).float()
        each = F.binary_cross_entropy(mean.clamp(EPSILON, 1 - EPSILON), target, reduction="none")
        total = total + 0.5 * (each * graded).sum() / graded.sum().clamp(min=1)
    if "class_probs" in values:
        target_label = torch.where(hidden, torch.full_like(label, -100), label)
        if not bool(hidden.all()):
            log = values["class_probs"].log()
            total = total + 0.2 * F.cross_entropy(log, target_label, label_smoothing=SMOOTH)
    return total


def distillation_loss(answer: Answer, raw: Any, teacher_raw: Any) -> Tensor:
    """How far the answers are from the unpruned network's, per output.

    The malignancy map counts where the unpruned network sees a lesion, and a little
    elsewhere: nobody reads it there.
    """
    student = {k: v.float() for k, v in answer.logits(raw).items()}
    teacher = {k: v.detach().float() for k, v in answer.logits(teacher_raw).items()}
    where = None
    if "lesion_map" in teacher:
        where = answer.value("lesion_map", teacher["lesion_map"])
    total = torch.zeros(())
    for name, logits in student.items():
        spec: Output = getattr(answer.outputs, name)
        divergence = _divergence(logits, teacher[name], spec)
        if name == "malignancy_map" and where is not None:
            size = divergence.shape[2:]
            weight = 0.02 + F.interpolate(where, size=size, mode="bilinear", align_corners=False)
            divergence = (divergence * weight).sum() / weight.sum()
        total = (
            total + {"lesion_map": 2.0, "malignancy_map": 1.0}.get(name, 0.5) * divergence.mean()
        )
    return total


def _divergence(student: Tensor, teacher: Tensor, spec: Output) -> Tensor:
    """Divergence per place, [B, 1, ...]: of probabilities, or the square where there are none."""
    if spec.activation == "softmax":
        target = torch.softmax(teacher, 1)
        parts = target * (torch.log_softmax(teacher, 1) - torch.log_softmax(student, 1))
        return parts.sum(1, keepdim=True)
    if spec.activation == "sigmoid":
        target = torch.sigmoid(teacher)
        entropy = F.binary_cross_entropy_with_logits(teacher, target, reduction="none")
        return F.binary_cross_entropy_with_logits(student, target, reduction="none") - entropy
    return (student - teacher).square()
