"""The least code around an engine that takes float and gives float maps, whichever it is.

No guard, no sub-cell outlines, no tracker; nothing is checked, nothing is caught.
"""

from __future__ import annotations

import abc
from typing import Any

import numpy as np
import numpy.typing as npt
from peer import Watch
from pictures import cut, letterboxed, regions_of
from subject import Picture, Regions, Subject


class FloatMaps(abc.ABC):
    """Scales the frame, runs, and thresholds the maps at their own size."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._watch = Watch()

    @property
    def engine_ms(self) -> float:
        return self._watch.ms

    def prepare(self, picture: Picture) -> None:
        self._prepared = self._tensor(picture)

    def bare(self) -> None:
        self._run(self._prepared)

    def regions(self, picture: Picture) -> Regions:
        lesion, malignancy = self._watch(self._run, self._tensor(picture))
        inside = cut(np.squeeze(lesion), self._subject)
        mask = (inside >= self._subject.postprocess.lesion_threshold).astype(np.uint8)
        return regions_of(mask, cut(np.squeeze(malignancy), self._subject), self._subject)

    @abc.abstractmethod
    def _run(self, tensor: npt.NDArray[np.float32]) -> Any:
        """Lesion and malignancy map, float32, (h, w) but for sizes of 1, of [1, 1, H, W]."""

    def _tensor(self, picture: Picture) -> npt.NDArray[np.float32]:
        return self._subject.scaled(letterboxed(picture, self._subject)[None, None])
