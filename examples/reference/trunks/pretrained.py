"""A trunk with published weights, ready to be trained on ultrasound frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from .lite0 import EfficientNetLite0
from .normalisation import reestimate
from .resnet18 import ResNet18
from .weights import packaged, read_published


def load_pretrained(
    trunk: ResNet18 | EfficientNetLite0,
    name: str,
    pixels: npt.NDArray[np.uint8],
    file: Path | None = None,
    sha256: str | None = None,
) -> None:
    """Fill a trunk, and give its normalisation the statistics of training frames.

    Args:
        name: its key in TRUNKS.
        pixels: uint8 [N, H, W], training frames; 128 are enough.
        file: the weights; None takes those of an installed package.
        sha256: see `read_published`.

    Raises:
        InvalidNetwork: the file is not known, is damaged, or does not fit.
        MissingDependency: no file was given and the package is not installed.
    """
    trunk.take(read_published(packaged(name) if file is None else file, name, sha256))
    reestimate(trunk, torch.from_numpy(pixels)[:, None].float() / 127.5 - 1)
