"""Several networks that answer as one: what another network is taught by."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import safetensors
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from lesionnet import LesionNet, Logits, lesionnet
from sonoedge.errors import InvalidNetwork
from trunks import TRUNKS

WIDTHS = (64, 128, 192, 256, 320)  # twice LesionNet's


def teacher() -> nn.Module:
    """A LesionNet of twice the width, untrained: 8.9 M parameters, 6.8 GMAC at 256 x 256."""
    return LesionNet(WIDTHS, dropout=0.3, classes=4)


class Teachers(nn.Module):
    """Logits of the mean of the networks' probabilities.

    Args:
        mirrored: each network is also asked for the frame's mirror image.
    """

    def __init__(self, networks: list[nn.Module], *, mirrored: bool = False) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)
        self.mirrored = mirrored

    @torch.no_grad()
    def forward(self, x: Tensor) -> Logits:
        """Args: x: float32 [B, 1, H, W] in [-1, 1]; H and W multiples of 32."""
        answers: list[Logits] = [net(x) for net in self.networks]
        if self.mirrored:
            turned: list[Logits] = [net(x.flip(3)) for net in self.networks]
            for each in turned:
                each["lesion"], each["malignancy"] = (
                    each["lesion"].flip(3),
                    each["malignancy"].flip(3),
                )
            answers += turned
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


def trained(files: Sequence[Path], *, mirrored: bool = False) -> Teachers:
    """Teachers read from their weights (safetensors), each of whatever trunk it has.

    Raises:
        InvalidNetwork: a file cannot be read, or holds the weights of no network known here.
    """
    return Teachers([_read(file) for file in files], mirrored=mirrored)


def _read(file: Path) -> nn.Module:
    try:
        state = load_file(file)
    except (OSError, safetensors.SafetensorError) as error:
        raise InvalidNetwork(f"{file.name} cannot be read as weights: {error}") from error
    shapes = {name: tensor.shape for name, tensor in state.items()}
    known = itertools.product(("none", *TRUNKS), (False, True))
    students = (lesionnet(4, trunk, surroundings=around) for trunk, around in known)
    for network in (teacher(), *students):
        own = network.state_dict()
        if {name: tensor.shape for name, tensor in own.items()} == shapes:
            network.load_state_dict({name: state[name].to(own[name].dtype) for name in own})
            return network.eval()
    raise InvalidNetwork(
        f"{file.name} holds the weights of no network known here; see lesionnet.py and trunks"
    )
