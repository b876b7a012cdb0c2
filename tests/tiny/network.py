"""A network of a few weights, set by hand, that finds dark discs: quick to export and to judge."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class DarkSpots(nn.Module):
    """Dark is a lesion; the darker, the more malignant."""

    def __init__(self) -> None:
        super().__init__()
        self.blur = nn.Conv2d(1, 16, 5, 2, 2, bias=False, padding_mode="replicate")
        self.lesion = nn.Conv2d(16, 1, 1)
        self.malignancy = nn.Conv2d(16, 1, 1)
        with torch.no_grad():
            self.blur.weight.fill_(1 / 25)
            for head, dark in ((self.lesion, 0.30), (self.malignancy, 0.15)):
                head.weight.fill_(-40 / 16)
                head.bias.fill_(40 * dark)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        features = F.relu(self.blur(x))
        lesion = self.lesion(features)
        malignancy = self.malignancy(features)
        found = lesion.amax((2, 3))
        worst = (malignancy + lesion.clamp(max=0)).amax((2, 3))
        frame = torch.cat([-found, torch.zeros_like(found), worst], dim=1)
        return {"lesion": lesion, "malignancy": malignancy, "frame": frame}


def dark_spots() -> nn.Module:
    """The network with its weights."""
    return DarkSpots()


def outliers() -> nn.Module:
    """The same answers, but one channel that nothing reads is enormous.

    8 bits for all channels together leave the others nothing.
    """
    network = DarkSpots()
    with torch.no_grad():
        network.blur.weight[0] *= 1e4
        for head in (network.lesion, network.malignancy):
            head.weight *= 16 / 15
            head.weight[:, 0] = 0
    return network


class Classifier(nn.Module):
    """Ends in pooling and one linear layer, as a ResNet does."""

    def __init__(self, classes: int = 2) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3, 2, 1), nn.ReLU(), nn.Conv2d(16, 16, 3, 2, 1)
        )
        self.act = nn.ReLU()
        self.head = nn.Linear(16, classes)

    def forward(self, x: Tensor) -> Tensor:
        pooled: Tensor = self.act(self.features(x)).mean((2, 3))
        logits: Tensor = self.head(pooled)
        return logits


def classifier(classes: int = 2) -> nn.Module:
    """A classifier with weights drawn from a fixed seed."""
    return Classifier(classes)


class Textured(DarkSpots):
    """The same answers, and a layer that tells smooth frames from striped ones."""

    def __init__(self) -> None:
        super().__init__()
        self.texture = nn.Sequential(nn.Conv2d(1, 4, 3, 1, 1, padding_mode="replicate"), nn.ReLU())
        kernel = torch.zeros(4, 1, 3, 3)
        kernel[0] = 1 / 9
        kernel[1, 0, 1] = torch.tensor([-1.0, 0.0, 1.0])
        kernel[2, 0, :, 1] = torch.tensor([-1.0, 0.0, 1.0])
        kernel[3] = -1 / 9
        with torch.no_grad():
            self.texture[0].weight.copy_(kernel)
            self.texture[0].bias.copy_(torch.tensor([0.0, 0.0, 0.0, 1.0]))

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        texture = self.texture(x)
        return super().forward(x) | {"texture": texture}


def textured() -> nn.Module:
    """A network whose frames can be embedded: [outputs.embedding] layer = "texture"."""
    return Textured()
