"""What another hand or another gain would change; for more, name your own in the recipe."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import Dataset

from sonoedge_export.prune.recover.frames import Prepared

Picture = npt.NDArray[np.uint8]
Augment = Callable[[Picture, Picture, np.random.Generator], tuple[Picture, Picture]]
Sample = tuple[Tensor, Tensor, int, bool]


def augment(pixels: Picture, mask: Picture, rng: np.random.Generator) -> tuple[Picture, Picture]:
    """Flip left-right, rotate, scale, shift; gain, contrast and blur. Both uint8 (H, W)."""
    h, w = pixels.shape
    if rng.random() < 0.5:
        pixels, mask = pixels[:, ::-1], mask[:, ::-1]
    matrix = cv2.getRotationMatrix2D(
        (w / 2, h / 2), rng.uniform(-12, 12), np.exp(rng.uniform(-0.25, 0.3))
    )
    matrix[:, 2] += rng.uniform(-0.1, 0.1, 2) * np.array([w, h])
    moved = cv2.warpAffine(np.ascontiguousarray(pixels), matrix, (w, h))
    outline = cv2.warpAffine(np.ascontiguousarray(mask), matrix, (w, h))
    grey = (np.arange(256) / 255) ** np.exp(rng.uniform(-0.4, 0.4))
    grey = (grey - 0.5) * rng.uniform(0.75, 1.3) + 0.5 + rng.uniform(-0.1, 0.1)
    toned = np.clip(grey * 255, 0, 255).astype(np.uint8)[moved]
    if rng.random() < 0.25:
        toned = np.asarray(cv2.GaussianBlur(toned, (0, 0), rng.uniform(0.4, 1.4)), np.uint8)
    return toned, np.asarray(outline, np.uint8)


class Epoch(Dataset[Sample]):
    """An epoch of augmented frames; the same seed and epoch give the same frames."""

    def __init__(
        self, data: Prepared, change: Augment, epoch: int, seed: int, *, coarse: bool = False
    ) -> None:
        self.data, self.change, self.epoch, self.seed = data, change, epoch, seed
        height, width = data.pixels.shape[1:]
        self.size = (_coarser(width), _coarser(height)) if coarse else (width, height)
        self.order = np.random.default_rng((seed, epoch)).permutation(len(data))

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, item: int) -> Sample:
        """Pixels and mask, uint8 [1, H, W]; label; whether it should be flagged."""
        i = int(self.order[item])
        rng = np.random.default_rng((self.seed, self.epoch, item))
        pixels, mask = self.change(self.data.pixels[i], self.data.masks[i], rng)
        if self.size != (pixels.shape[1], pixels.shape[0]):
            pixels, mask = (
                np.asarray(cv2.resize(p, self.size, interpolation=cv2.INTER_AREA), np.uint8)
                for p in (pixels, mask)
            )
        return (
            torch.from_numpy(np.ascontiguousarray(pixels))[None],
            torch.from_numpy(np.ascontiguousarray(mask))[None],
            int(self.data.labels[i]),
            bool(self.data.positive[i]),
        )


def _coarser(length: int) -> int:
    """Three quarters, in multiples of 32; as it is where that would be nothing."""
    return length * 3 // 4 // 32 * 32 or length
