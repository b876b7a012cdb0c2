"""Encoders that were trained on photographs, under LesionNet's decoder.

`TRUNKS` names them. A trunk takes float32 [B, 1, H, W] in [-1, 1], H and W multiples of
32, and answers with its features at 1/2, 1/4, 1/8, 1/16 and, where it goes so far, 1/32 of
the resolution; `channels` says how many each has. `take` fills it with published weights.
"""

from __future__ import annotations

from typing import Final

from .lite0 import EfficientNetLite0
from .pretrained import load_pretrained
from .resnet18 import ResNet18

Trunk = ResNet18 | EfficientNetLite0

TRUNKS: Final[dict[str, type[Trunk]]] = {"resnet18": ResNet18, "lite0": EfficientNetLite0}

__all__ = ["TRUNKS", "EfficientNetLite0", "ResNet18", "Trunk", "load_pretrained"]
