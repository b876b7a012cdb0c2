"""U-Nets of the field, for grey pictures: background, benign and malignant for each pixel."""

from __future__ import annotations

from monai.networks.nets import BasicUNet, FlexibleUNet
from monai.networks.nets.resnet import ResNetBlock
from torch import nn


def plain(classes: int = 3) -> nn.Module:
    """A U-Net (Ronneberger et al. 2015, arXiv:1505.04597) with batch norm."""
    return BasicUNet(
        spatial_dims=2,
        in_channels=1,
        out_channels=classes,
        features=(16, 32, 64, 128, 256, 16),
        norm="batch",
    )


def with_encoder(backbone: str, classes: int = 3) -> nn.Module:
    """A U-Net around a classifier's features: "resnet18", "efficientnet-b0", ..."""
    network = FlexibleUNet(
        in_channels=1, out_channels=classes, backbone=backbone, spatial_dims=2, pretrained=False
    )
    for module in list(network.modules()):
        if isinstance(module, ResNetBlock):
            _projected(module)
        if hasattr(module, "set_swish"):
            module.set_swish(memory_efficient=False)  # the other kind cannot be traced
    return network


def _projected(block: ResNetBlock) -> None:
    """A shortcut that changes its shape by a convolution, as trained ResNets have it.

    MONAI's small encoders pad with channels of zeros instead, which cannot be pruned: no
    layer owns those channels.
    """
    if block.downsample is not None and not isinstance(block.downsample, nn.Module):
        given, made = block.conv1.in_channels, block.conv2.out_channels
        block.downsample = nn.Sequential(
            nn.Conv2d(given, made, 1, block.conv1.stride, bias=False), nn.BatchNorm2d(made)
        )
