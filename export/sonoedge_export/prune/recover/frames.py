"""Labelled frames for recovery: preprocessed as on the device, kept in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sonoedge.errors import InvalidData
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.processing.preprocess import Preprocess, PreprocessSpec
from sonoedge_export.data.labelled import Labelled, read_labelled


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """N frames.

    Attributes:
        pixels: uint8 [N, H, W], the network's input size.
        masks: uint8 [N, H, W], 0 or 255.
        labels: int64 [N], index into the recipe's labels.
        positive: bool [N], the label is one that should be flagged.
    """

    pixels: npt.NDArray[np.uint8]
    masks: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]
    positive: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.labels)


def read_split(files: Sequence[Path], split: str | None, labels: Sequence[str]) -> list[Labelled]:
    """The recovery's frames of one split, by file, each as often as it is named.

    Args:
        labels: the network's.

    Raises:
        InvalidData: they cannot be read, or have a label that is none of the network's.
    """
    data = [read_labelled(file, split) for file in files]
    for entry in (e for d in data for e in d):
        if entry.label not in labels:
            raise InvalidData(
                f"{entry.image.name} is labelled {entry.label!r}; "
                f"postprocess.labels has {', '.join(labels)}"
            )
    return data


def prepare(
    spec: PreprocessSpec, postprocess: PostprocessSpec, data: Sequence[Labelled]
) -> Prepared:
    """Read and preprocess all frames and masks."""
    image_preprocess = Preprocess(spec)
    mask_preprocess = Preprocess(replace(spec, pad_value=0))
    entries = [e for d in data for e in d]
    size = (len(entries), spec.height, spec.width)
    pixels, masks = np.empty(size, np.uint8), np.empty(size, np.uint8)
    for n, entry in enumerate(entries):
        pixels[n] = image_preprocess(entry.pixels(), aspect=entry.pixel_aspect)[0][0, 0]
        mask = np.where(entry.truth(), 255, 0).astype(np.uint8)
        masks[n] = mask_preprocess(mask, aspect=entry.pixel_aspect)[0][0, 0]
    names = postprocess.labels
    return Prepared(
        pixels=pixels,
        masks=masks,
        labels=np.array([names.index(e.label) for e in entries], np.int64),
        positive=np.array([e.label in postprocess.positive for e in entries], bool),
    )
