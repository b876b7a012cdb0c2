"""torch eager: alone with the least code, and behind MONAI's transforms."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from float_maps import FloatMaps
from peer import Watch
from pictures import cut, regions_of
from subject import Picture, Regions, Subject


class TorchEager(FloatMaps):
    """The network as it was trained."""

    name = "torch eager alone, fp32"

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject)
        torch.set_num_threads(subject.threads)

    def _run(self, tensor: npt.NDArray[np.float32]) -> Any:
        with torch.inference_mode():
            return [answer.numpy() for answer in self._subject.network(torch.from_numpy(tensor))]


class MonaiTorch:
    """MONAI's transforms before and behind torch eager, as its tutorials chain them."""

    name = "MONAI transforms + torch eager, fp32"

    def __init__(self, subject: Subject) -> None:
        from monai import transforms as mt

        torch.set_num_threads(subject.threads)
        self._subject = subject
        self._network = subject.network
        self._watch = Watch()
        mean, std = subject.scale
        height, width = subject.input_hw
        x0, y0, x1, y1 = subject.placed
        self._before = mt.Compose(
            [
                mt.EnsureChannelFirst(channel_dim="no_channel"),
                mt.Resize((y1 - y0, x1 - x0), mode="bilinear"),
                mt.BorderPad(
                    (y0, height - y1, x0, width - x1), value=float(subject.recipe.input.pad_value)
                ),
                mt.NormalizeIntensity(subtrahend=mean, divisor=std),
            ]
        )
        self._larger = mt.Resize(subject.frame_hw, mode="bilinear")
        self._decided = mt.AsDiscrete(threshold=subject.postprocess.lesion_threshold)

    @property
    def engine_ms(self) -> float:
        return self._watch.ms

    def prepare(self, picture: Picture) -> None:
        self._tensor_in = self._before(picture)[None]

    def bare(self) -> None:
        with torch.inference_mode():
            self._network(self._tensor_in)

    def regions(self, picture: Picture) -> Regions:
        with torch.inference_mode():
            maps = self._watch(self._network, self._before(picture)[None])
            lesion, malignancy = self._larger(self._inside(maps))
            mask = np.asarray(self._decided(lesion), dtype=np.uint8)
        return regions_of(mask, np.asarray(malignancy), self._subject)

    def _inside(self, maps: Any) -> torch.Tensor:
        """Both maps' part that shows the frame, float32 [2, h, w]."""
        parts = [cut(np.asarray(each[0, 0]), self._subject) for each in maps]
        return torch.as_tensor(np.stack(parts))
