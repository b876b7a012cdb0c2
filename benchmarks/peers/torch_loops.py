"""torch eager: alone with the least code, and behind MONAI's transforms."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import torch
from peer import Watch
from pictures import cut, letterboxed, outlines_of
from subject import Outlines, Picture, Subject


class TorchEager:
    """The network as it was trained; maps are thresholded at their own size."""

    name = "torch eager alone, fp32"

    def __init__(self, subject: Subject) -> None:
        torch.set_num_threads(subject.threads)
        self._subject = subject
        self._network = subject.network
        self._watch = Watch()

    @property
    def engine_ms(self) -> float:
        return self._watch.ms

    def prepare(self, picture: Picture) -> None:
        self._tensor_in = self._tensor(picture)

    def bare(self) -> None:
        with torch.inference_mode():
            self._network(self._tensor_in)

    def regions(self, picture: Picture) -> Outlines:
        with torch.inference_mode():
            lesion, malignancy = self._watch(self._network, self._tensor(picture))
            mask = (lesion[0, 0] >= self._subject.postprocess.lesion_threshold).byte().numpy()
            inside = np.ascontiguousarray(cut(mask, self._subject))
            grade = np.ascontiguousarray(cut(malignancy[0, 0].numpy(), self._subject))
        self.grade = cv2.mean(grade, inside)
        return outlines_of(np.asarray(inside, dtype=np.uint8), self._subject)

    def _tensor(self, picture: Picture) -> torch.Tensor:
        network = self._subject.recipe.network
        small = torch.from_numpy(letterboxed(picture, self._subject))
        return ((small.float() - network.mean) / network.std)[None, None]


class MonaiTorch:
    """MONAI's transforms before and behind torch eager, as its tutorials chain them."""

    name = "MONAI transforms + torch eager, fp32"

    def __init__(self, subject: Subject) -> None:
        from monai import transforms as mt

        torch.set_num_threads(subject.threads)
        self._subject = subject
        self._network = subject.network
        self._watch = Watch()
        network = subject.recipe.network
        height, width = subject.input_hw
        x0, y0, x1, y1 = subject.placed
        self._before = mt.Compose(
            [
                mt.EnsureChannelFirst(channel_dim="no_channel"),
                mt.Resize((y1 - y0, x1 - x0), mode="bilinear"),
                mt.BorderPad(
                    (y0, height - y1, x0, width - x1), value=float(subject.recipe.input.pad_value)
                ),
                mt.NormalizeIntensity(subtrahend=network.mean, divisor=network.std),
            ]
        )
        self._after = mt.Compose(
            [
                mt.Resize(subject.frame_hw, mode="bilinear"),
                mt.AsDiscrete(threshold=subject.postprocess.lesion_threshold),
            ]
        )

    @property
    def engine_ms(self) -> float:
        return self._watch.ms

    def prepare(self, picture: Picture) -> None:
        self._tensor_in = self._before(picture)[None]

    def bare(self) -> None:
        with torch.inference_mode():
            self._network(self._tensor_in)

    def regions(self, picture: Picture) -> Outlines:
        with torch.inference_mode():
            lesion, malignancy = self._watch(self._network, self._before(picture)[None])
            mask: Any = self._after(self._inside(lesion))
            grade = self._inside(malignancy)
            self.grade = float(grade.mean()) if bool(mask.any()) else 0.0
        return outlines_of(np.asarray(mask[0], dtype=np.uint8), self._subject)

    def _inside(self, answer: Any) -> Any:
        return torch.as_tensor(np.ascontiguousarray(cut(np.asarray(answer[0, 0]), self._subject)))[
            None
        ]
