"""Quick figures on the validation split, for choosing; the proof is `sonoedge verify`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional as F

from arithmetic import bfloat16
from frames import Prepared
from sonoedge_export.evaluation.metrics import auroc, dice

FOUND = 1 / 3  # Dice of a lesion that is found: an intersection over union of 0.2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Maps:
    """What a network answers to N frames: probabilities, float32 [N, H/2, W/2]."""

    lesion: npt.NDArray[np.float32]
    malignancy: npt.NDArray[np.float32]


@torch.no_grad()
def maps(net: nn.Module, data: Prepared, device: torch.device) -> Maps:
    """Ask the network about all frames."""
    net.eval()
    lesion, malignancy = [], []
    for start in range(0, len(data), 16):
        pixels = torch.from_numpy(data.pixels[start : start + 16])[:, None].to(device)
        with bfloat16(device):
            logits = net(pixels.float() / 127.5 - 1)
        for name, taken in (("lesion", lesion), ("malignancy", malignancy)):
            taken.append(torch.sigmoid(logits[name].float())[:, 0].cpu().numpy())
    return Maps(lesion=np.concatenate(lesion), malignancy=np.concatenate(malignancy))


def figures(answers: Maps, data: Prepared, threshold: float = 0.5) -> dict[str, float]:
    """Figures per data set, numbered, at the resolution of the prepared frames.

    Args:
        threshold: probability above which a cell is shown as a lesion's.

    Returns:
        dice, auroc, found: of the frames with a lesion; the last is the share with a Dice
            above FOUND.
        lesions: how many these are.
        alarms: share of the frames without a lesion in which one is shown; not given for a
            set that has none.
    """
    size = data.pixels.shape[1:]
    dices, scores, shown = [], [], []
    for lesion, grade, mask in zip(answers.lesion, answers.malignancy, data.masks, strict=True):
        inside = np.where(lesion > threshold, 1.0, 0.0) + 1e-6 * lesion
        scores.append(float((grade * inside).sum() / max(inside.sum(), 1e-12)))
        grown = F.interpolate(torch.from_numpy(lesion)[None, None], size=size, mode="bilinear")
        large = grown[0, 0].numpy() > threshold
        shown.append(bool(large.any()))
        dices.append(dice(large, mask > 127))
    overlap, score, alarm = np.array(dices), np.array(scores), np.array(shown)
    out = {}
    for number in np.unique(data.sets):
        lesion_frames = (data.sets == number) & (data.labels > 0)
        out[f"dice_{number}"] = float(overlap[lesion_frames].mean())
        area = auroc(score[lesion_frames], data.labels[lesion_frames] == 2)
        out[f"auroc_{number}"] = float("nan") if area is None else area
        out[f"found_{number}"] = float((overlap[lesion_frames] > FOUND).mean())
        out[f"lesions_{number}"] = int(lesion_frames.sum())
        normal = (data.sets == number) & (data.labels == 0)
        if normal.any():
            out[f"alarms_{number}"] = float(alarm[normal].mean())
    return out


def validate(net: nn.Module, data: Prepared, device: torch.device) -> dict[str, float]:
    """`figures` at a threshold of 0.5."""
    return figures(maps(net, data, device), data)


@torch.no_grad()
def scope(
    net: nn.Module, breast: Prepared, others: Prepared, device: torch.device
) -> dict[str, float]:
    """How well frames that are no breast are told from frames that are.

    Returns:
        scope_auroc: of the probability of being out of scope.
        scope_caught: share of the others above the 99th percentile of the breast frames.
        others_found: share of the others with a cell above 0.6 in the lesion map.
    """
    net.eval()
    answers = []
    for data in (breast, others):
        away, most = [], []
        for start in range(0, len(data), 16):
            pixels = torch.from_numpy(data.pixels[start : start + 16])[:, None].to(device)
            with bfloat16(device):
                logits = net(pixels.float() / 127.5 - 1)
            away += torch.softmax(logits["frame"].float(), 1)[:, 3].tolist()
            most += torch.sigmoid(logits["lesion"].float()).amax((1, 2, 3)).tolist()
        answers.append((np.array(away), np.array(most)))
    (own, _), (other, most) = answers
    area = auroc(np.concatenate([own, other]), np.repeat([False, True], [len(own), len(other)]))
    return {
        "scope_auroc": float("nan") if area is None else area,
        "scope_caught": float((other > np.quantile(own, 0.99)).mean()),
        "others_found": float((most > 0.6).mean()),
    }
