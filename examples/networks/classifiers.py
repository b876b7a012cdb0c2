"""Classifiers of the field, for grey pictures: factories that a recipe can name."""

from __future__ import annotations

import torch
from monai.networks.nets import DenseNet121, EfficientNetBN, resnet18, resnet50, resnet101
from torch import Tensor, nn

WIDTH = {
    "vgg16": (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0),
    "vgg19": (64, 64, 0, 128, 128, 0, 256, 256, 256, 256, 0)
    + (512, 512, 512, 512, 0, 512, 512, 512, 512, 0),
}
RESNETS = {"resnet18": resnet18, "resnet50": resnet50, "resnet101": resnet101}


class Flattened(nn.Module):
    """Convolutions, then linear layers over all of what they found."""

    def __init__(
        self, features: nn.Sequential, channels: int, side: int, hidden: int, classes: int
    ) -> None:
        super().__init__()
        self.features = features
        self.pool = nn.AdaptiveAvgPool2d(side)
        self.head = nn.Sequential(
            nn.Dropout(),
            nn.Linear(channels * side * side, hidden),
            nn.ReLU(),
            nn.Dropout(),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Linear(hidden, classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Logits, [B, classes]."""
        logits: Tensor = self.head(torch.flatten(self.pool(self.features(x)), 1))
        return logits


def alexnet(classes: int = 2, hidden: int = 4096) -> nn.Module:
    """AlexNet (Krizhevsky 2014, arXiv:1404.5997)."""
    features = nn.Sequential(
        *(nn.Conv2d(1, 64, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2)),
        *(nn.Conv2d(64, 192, 5, 1, 2), nn.ReLU(), nn.MaxPool2d(3, 2)),
        *(nn.Conv2d(192, 384, 3, 1, 1), nn.ReLU()),
        *(nn.Conv2d(384, 256, 3, 1, 1), nn.ReLU()),
        *(nn.Conv2d(256, 256, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(3, 2)),
    )
    return Flattened(features, 256, 6, hidden, classes)


def vgg(name: str, classes: int = 2, hidden: int = 4096) -> nn.Module:
    """VGG-16 or VGG-19 without batch norm (Simonyan and Zisserman 2014, arXiv:1409.1556)."""
    layers: list[nn.Module] = []
    given = 1
    for width in WIDTH[name]:
        if width == 0:
            layers.append(nn.MaxPool2d(2))
        else:
            layers += [nn.Conv2d(given, width, 3, 1, 1), nn.ReLU()]
            given = width
    return Flattened(nn.Sequential(*layers), given, 7, hidden, classes)


def resnet(name: str, classes: int = 2) -> nn.Module:
    """ResNet-18, -50 or -101 (He et al. 2015, arXiv:1512.03385), stride 2 at the start."""
    network: nn.Module = RESNETS[name](
        spatial_dims=2, n_input_channels=1, num_classes=classes, conv1_t_stride=2
    )
    return network


def densenet121(classes: int = 2) -> nn.Module:
    """DenseNet-121 (Huang et al. 2016, arXiv:1608.06993)."""
    return DenseNet121(spatial_dims=2, in_channels=1, out_channels=classes)


def efficientnet_b0(classes: int = 2) -> nn.Module:
    """EfficientNet-B0 (Tan and Le 2019, arXiv:1905.11946)."""
    network = EfficientNetBN(
        "efficientnet-b0", pretrained=False, in_channels=1, num_classes=classes
    )
    network.set_swish(memory_efficient=False)  # the other kind cannot be traced
    return network
