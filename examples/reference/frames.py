"""The training frames, prepared once: preprocessed as on the device, and cached."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.preprocess import Preprocess, PreprocessSpec

LABELS = ("normal", "benign", "malignant")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """N frames in memory.

    Attributes:
        pixels: uint8 [N, H, W].
        masks: uint8 [N, H, W], 0 or 255.
        labels: int64 [N], an index into LABELS.
        sets: int64 [N], which data set each frame is from.
    """

    pixels: npt.NDArray[np.uint8]
    masks: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]
    sets: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)


def prepare(data: list[Path], split: str, size: int, cache: Path) -> Prepared:
    """Read one split of several data sets (folders with a frames.json)."""
    index = [json.loads((d / "frames.json").read_text())["frames"] for d in data]
    key = hashlib.sha256(json.dumps([index, split, size, 1]).encode()).hexdigest()[:16]
    file = cache / f"{split}-{size}-{key}.npz"
    if not file.exists():
        cache.mkdir(parents=True, exist_ok=True)
        preprocess = Preprocess(PreprocessSpec(height=size, width=size))
        pixels, masks, labels, sets = [], [], [], []
        for number, (folder, frames) in enumerate(zip(data, index, strict=True)):
            for frame in frames:
                if frame["split"] != split:
                    continue
                for name, into in (("image", pixels), ("mask", masks)):
                    picture = cv2.imread(str(folder / frame[name]), cv2.IMREAD_GRAYSCALE)
                    into.append(preprocess(picture)[0][0, 0].copy())
                labels.append(LABELS.index(frame["label"]))
                sets.append(number)
        np.savez(file, pixels=pixels, masks=masks, labels=labels, sets=sets)
    with np.load(file, allow_pickle=False) as z:
        return Prepared(pixels=z["pixels"], masks=z["masks"], labels=z["labels"], sets=z["sets"])
