"""Gradients of the label loss, for importances that are read from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from sonoedge_export.graph.deploy import Answer, Scale
from sonoedge_export.prune.recover.frames import Prepared
from sonoedge_export.prune.recover.losses import label_loss


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelGradients:
    """The frames and the loss that gradients are of."""

    scale: Scale
    answer: Answer
    data: Prepared

    def accumulate(self, network: nn.Module, *, frames: int = 256, batch: int = 16) -> None:
        """Leave the loss's gradients over some frames, spread over the data, in the parameters."""
        data = self.data
        network.eval().zero_grad()
        count = min(frames, len(data))
        spread = np.linspace(0, len(data) - 1, count).astype(int)
        chosen = np.array_split(spread, -(-count // batch))
        for i in chosen:
            pixels = torch.from_numpy(data.pixels[i])[:, None]
            mask = torch.from_numpy(data.masks[i])[:, None].float() / 255
            label, positive = torch.from_numpy(data.labels[i]), torch.from_numpy(data.positive[i])
            with torch.enable_grad():
                raw = network(self.scale(pixels))
                value = label_loss(self.answer, raw, mask, label, positive) / len(chosen)
                value.backward()  # type: ignore[no-untyped-call]
