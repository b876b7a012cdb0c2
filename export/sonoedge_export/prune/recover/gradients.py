"""Gradients of the label loss, for importances that are read from them."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from sonoedge_export.graph.deploy import Answer, Scale
from sonoedge_export.prune.recover.frames import Prepared
from sonoedge_export.prune.recover.losses import from_labels
from sonoedge_export.recipe.recipe import Recipe


def accumulate(
    network: nn.Module, recipe: Recipe, data: Prepared, *, frames: int = 128, batch: int = 16
) -> None:
    """Leave in the parameters the loss's gradients over some frames, spread over the data."""
    network.eval().zero_grad()
    scale, answer = Scale(recipe.network), Answer(recipe.outputs)
    count = min(frames, len(data))
    spread = np.linspace(0, len(data) - 1, count).astype(int)
    chosen = np.array_split(spread, -(-count // batch))
    for i in chosen:
        pixels = torch.from_numpy(data.pixels[i])[:, None]
        mask = torch.from_numpy(data.masks[i])[:, None].float() / 255
        label, positive = torch.from_numpy(data.labels[i]), torch.from_numpy(data.positive[i])
        with torch.enable_grad():
            raw = network(scale(pixels))
            value = from_labels(answer, raw, mask, label, positive) / len(chosen)
            value.backward()  # type: ignore[no-untyped-call]
