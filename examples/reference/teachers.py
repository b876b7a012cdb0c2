"""Several networks that answer as one: what a small network is taught by."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from lesionnet import LesionNet, Logits

WIDTHS = (64, 128, 192, 256, 320)  # twice LesionNet's


def teacher() -> nn.Module:
    """A LesionNet of twice the width, untrained: 8.9 M parameters, 6.8 GMAC at 256 x 256."""
    return LesionNet(WIDTHS, dropout=0.3, classes=4)


class Teachers(nn.Module):
    """Logits of the mean of the networks' probabilities."""

    def __init__(self, networks: list[nn.Module]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)

    @torch.no_grad()
    def forward(self, x: Tensor) -> Logits:
        """Args: x: float32 [B, 1, H, W] in [-1, 1]; H and W multiples of 32."""
        answers: list[Logits] = [net(x) for net in self.networks]
        frame = torch.stack([F.softmax(a["frame"].float(), 1) for a in answers]).mean(0)
        maps = {
            name: torch.stack([torch.sigmoid(a[name].float()) for a in answers]).mean(0)
            for name in ("lesion", "malignancy")
        }
        lesion, malignancy = (torch.logit(m, eps=1e-6) for m in maps.values())
        return {
            "lesion": lesion,
            "malignancy": malignancy,
            "frame": frame.clamp(min=1e-6).log(),
        }


def trained(files: list[Path]) -> Teachers:
    """Teachers read from their weights (safetensors)."""
    networks = []
    for file in files:
        network = teacher()
        network.load_state_dict(load_file(file))
        networks.append(network)
    return Teachers(networks)
