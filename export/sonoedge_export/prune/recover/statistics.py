"""Batch normalisation after a cut: the channels that are left sum to something else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from sonoedge_export.graph.deploy import Scale
from sonoedge_export.prune.recover.frames import Prepared


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Statistics:
    """The frames that means and variances are taken from."""

    scale: Scale
    data: Prepared

    @torch.no_grad()
    def estimate(self, network: nn.Module, *, frames: int = 128, batch: int = 32) -> None:
        """Set each normalisation's mean and variance to those of frames spread over the data.

        Weights stay (Li et al. 2020, arXiv:2007.02491, who judge pruned candidates so). The
        network is left in evaluation mode, with the momenta that it had.
        """
        network.eval()
        layers = [
            m for m in network.modules() if isinstance(m, _BatchNorm) and m.track_running_stats
        ]
        if not layers or not len(self.data):
            return
        momenta = [layer.momentum for layer in layers]
        for layer in layers:
            layer.reset_running_stats()
            layer.momentum = None  # the mean of all batches
            layer.train()
        count = min(frames, len(self.data))
        spread = np.linspace(0, len(self.data) - 1, count).astype(int)
        for i in np.array_split(spread, -(-count // batch)):
            network(self.scale(torch.from_numpy(self.data.pixels[i])[:, None]))
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum
        network.eval()
