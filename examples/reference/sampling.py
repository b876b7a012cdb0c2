"""Which training frames are drawn, how often, and what is changed in them."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import Dataset

from appearance import pasted
from augment import Changes, augment, without_corner, without_lesion
from frames import UNGRADED, Prepared
from phantom import phantom

AWAY = 0.1  # of the frames of an epoch are no breast
MASKS_ONLY = Changes().masks_only  # of the breast frames of an epoch are of sets without grades
NORMAL = 0.1  # of the frames with a lesion are cropped to a part without
CORNER = 0.3  # of the frames lose a corner, where there are sets without grades


def shares(data: Prepared, masks_only: float = MASKS_ONLY) -> npt.NDArray[np.float64]:
    """How likely each frame is to be drawn, float64 [N]; the sum is 1.

    Graded sets: by frame, malignant ones and the first set's more often. Sets without
    grades: every patient alike, whether 2 frames or 60 show her. Clips: a fixed share.

    Args:
        masks_only: share of the breast frames that are of sets without grades.
    """
    share = np.where(data.labels == 2, 1.6, 1.0) * np.where(data.sets == 0, 1.7, 1.0)
    away = data.sets < 0
    graded = ~away & ~data.masks_only
    if data.masks_only.any():
        _, patient, frames = np.unique(data.patients, return_inverse=True, return_counts=True)
        each = np.where(data.masks_only, 1.0 / frames[patient], 0.0)
        share = np.where(data.masks_only, _part(each, share[graded].sum(), masks_only), share)
    if away.any():
        share[away] = _part(share[away], share[~away].sum(), AWAY)
    return share / share.sum()


def _part(share: npt.NDArray[np.float64], rest: float, part: float) -> npt.NDArray[np.float64]:
    """Scaled so that its sum is that part of everything; all of it where there is no rest."""
    return share / share.sum() * (part / (1 - part) * rest if rest else 1.0)


class Augmented(Dataset[tuple[torch.Tensor, torch.Tensor, int]]):
    """An epoch of augmented frames; the same seed and epoch give the same frames."""

    def __init__(
        self, data: Prepared, size: int, epoch: int, seed: int, changes: Changes | None = None
    ) -> None:
        self.data, self.size, self.epoch, self.seed = data, size, epoch, seed
        self.changes = changes = changes or Changes()
        self.donors = np.flatnonzero(np.isin(data.labels, (1, 2, UNGRADED)))
        self.corner = CORNER if data.masks_only.any() else 0.0  # in all sets, or it tells the set
        rng = np.random.default_rng((seed, epoch))
        self.order = rng.choice(len(data), len(data), p=shares(data, changes.masks_only))

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, item: int) -> tuple[torch.Tensor, torch.Tensor, int]:
        i = int(self.order[item])
        rng = np.random.default_rng((self.seed, self.epoch, item))
        pixels, mask, label = self.data.pixels[i], self.data.masks[i], int(self.data.labels[i])
        if self.changes.synthetic and rng.random() < self.changes.synthetic:
            (pixels, mask), label = phantom(pixels.shape[0], rng), UNGRADED
        if self.corner and rng.random() < self.corner:
            pixels = without_corner(pixels, mask, rng)
        if label in (1, 2, UNGRADED) and rng.random() < NORMAL:
            part = without_lesion(pixels, mask, rng)
            if part is not None:
                pixels, mask, label = part, np.zeros_like(mask), 0
        if label == 0 and self.changes.paste and rng.random() < self.changes.paste:
            donor = int(rng.choice(self.donors))
            whole = pasted(pixels, self.data.pixels[donor], self.data.masks[donor], rng)
            if whole is not None:
                (pixels, mask), label = whole, UNGRADED
        other = self.data.pixels[int(rng.integers(len(self.data)))]
        reach = (0.6, 2.2) if label == 3 else (0.75, 1.45)
        pixels, mask = augment(pixels, mask, rng, other, reach, self.changes)
        if self.size != pixels.shape[0]:
            size = (self.size, self.size)
            pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
            mask = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
        return (
            torch.from_numpy(pixels)[None],
            torch.from_numpy(mask)[None],
            label,
        )
