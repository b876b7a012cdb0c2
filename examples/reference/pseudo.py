"""Pseudo-labels: what teachers see in frames that nobody has labelled (Lee 2013).

A frame is taken where the teachers are sure that it shows a lesion, and where, or sure that it
shows none; all others are left out. Grades are not taken over: what the teachers hold of them
they teach anyway, by their answers (`losses.from_teachers`), and a wrong one would be learnt twice.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch
from torch.nn import functional as F

from frames import FIELDS, UNGRADED, Prepared, refuse_external
from sonoedge.errors import InvalidData
from sonoedge.processing.preprocess import Preprocess, PreprocessSpec
from sonoedge_export.data.labelled import read_labelled
from teachers import Teachers

SURE = 0.85  # mean probability over a lesion
EMPTY = 0.15  # highest probability of a frame without one
SMALLEST = 64  # pixels of a lesion
AWAY = 3  # the class out of scope


def prepare_unlabelled(folders: list[Path], size: int) -> Prepared:
    """The training splits of data sets, of which the pictures alone are looked at.

    Raises:
        InvalidData: a set cannot be read, has no such split, or is held out for the last test.
    """
    preprocess = Preprocess(PreprocessSpec(height=size, width=size))
    pixels, patients = [], []
    known: dict[tuple[int, str], int] = {}
    for number, folder in enumerate(folders):
        labelled = read_labelled(folder / "frames.json", "train")
        refuse_external(labelled)
        for row, entry in enumerate(labelled):
            pixels.append(preprocess(entry.pixels(), aspect=entry.pixel_aspect)[0][0, 0].copy())
            patient = (number, entry.patient or f"frame {row}")
            patients.append(known.setdefault(patient, len(known)))
    count = len(pixels)
    stacked = np.stack(pixels)
    return Prepared(
        pixels=stacked,
        masks=np.zeros_like(stacked),
        labels=np.full(count, UNGRADED),
        sets=np.zeros(count, np.int64),
        patients=np.array(patients),
        masks_only=np.ones(count, bool),
    )


@torch.no_grad()
def pseudo_labelled(frames: Prepared, teachers: Teachers, device: torch.device) -> Prepared:
    """The frames of which the teachers are sure, with their masks; labels normal or ungraded.

    Raises:
        InvalidData: they are sure of none.
    """
    teachers.eval()
    masks, labels, kept = [], [], []
    for number, pixels in enumerate(frames.pixels):
        x = torch.from_numpy(pixels)[None, None].to(device).float() / 127.5 - 1
        answer = teachers(x)
        if float(F.softmax(answer["frame"].float(), 1)[0, AWAY]) >= 0.5:
            continue
        probability = torch.sigmoid(answer["lesion"].float())
        large = F.interpolate(probability, size=pixels.shape, mode="bilinear", align_corners=False)
        labelled = label(large[0, 0].cpu().numpy())
        if labelled is not None:
            kept.append(number)
            masks.append(labelled[0])
            labels.append(labelled[1])
    if not kept:
        raise InvalidData(f"the teachers are sure of none of {len(frames)} unlabelled frames")
    chosen = Prepared(**{name: getattr(frames, name)[kept] for name in FIELDS})
    return replace(chosen, masks=np.stack(masks), labels=np.array(labels))


def label(probability: np.ndarray) -> tuple[np.ndarray, int] | None:
    """Mask (uint8, 0 or 255) and label of one frame; None where that is not sure.

    Args:
        probability: of a lesion, float32 [H, W].
    """
    if probability.max() <= EMPTY:
        return np.zeros(probability.shape, np.uint8), 0
    count, marks, about, _ = cv2.connectedComponentsWithStats((probability >= 0.5).astype(np.uint8))
    mask = np.zeros(probability.shape, np.uint8)
    for part in range(1, count):
        if about[part, cv2.CC_STAT_AREA] < SMALLEST or probability[marks == part].mean() < SURE:
            return None
        mask[marks == part] = 255
    return (mask, UNGRADED) if mask.any() else None


def beside(train: Prepared, extra: Prepared) -> Prepared:
    """The extra frames as a set, and patients, of their own, behind those of the training."""
    return replace(
        extra,
        sets=np.full(len(extra), max(0, int(train.sets.max())) + 1),
        patients=extra.patients + int(train.patients.max()) + 1,
    )
