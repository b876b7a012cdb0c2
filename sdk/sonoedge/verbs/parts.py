"""Which engines and extras are installed, by their metadata: nothing is imported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from sonoedge.install import install_command, python_command

# Distributions that bring an engine, the one that we install first; the device builds
# of vendors go by other names.
ENGINES: Final = {
    "onnxruntime": ("onnxruntime", "onnxruntime-gpu", "onnxruntime-openvino"),
    "openvino": ("openvino",),
    "litert": ("ai-edge-litert",),
}

# extra of sonoedge: (what it is for, its distributions)
EXTRAS: Final = {
    "dicom": (
        "DICOM files",
        (
            "pydicom",
            "pillow",
            "pylibjpeg",
            "pylibjpeg-openjpeg",
            "pylibjpeg-rle",
            "python-gdcm",
        ),
    ),
    "igtl": ("OpenIGTLink", ("fastcrc",)),
    "view": ("the live page", ("websockets",)),
    "bench": ("benchmark reports", ("rich",)),
    "export": (
        "building bundles, on a workstation",
        ("torch", "onnx", "onnxscript", "safetensors", "scipy", "cyclonedx-python-lib"),
    ),
    "compress": (
        "pruning and int8, on a workstation",
        ("nncf", "torch-pruning", "matplotlib"),
    ),
    "heads": ("fitting second opinions, on a workstation", ("scikit-learn", "matplotlib")),
    "tensorrt-rtx": (
        "building engines for RTX GPUs",
        ("tensorrt-rtx-cu13-bindings", "tensorrt-rtx-cu13-libs"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An engine or an extra.

    Attributes:
        name: of the runtime, or of the extra.
        purpose: what it is for.
        installed: version of each distribution that is there.
        missing: distributions that are not there.
        install: the command that installs what is missing; None where nothing is.
    """

    name: str
    purpose: str
    installed: dict[str, str]
    missing: tuple[str, ...]
    install: str | None


def engine(name: str) -> Part:
    """Whether one of the distributions that bring this engine is installed."""
    installed = _installed(ENGINES[name])
    pip = f"{python_command()} -m pip install"
    command = f"{pip} onnxruntime" if name == "onnxruntime" else install_command(name)
    return Part(
        name=name,
        purpose="runtime",
        installed=installed,
        missing=() if installed else ENGINES[name][:1],
        install=None if installed else command,
    )


def extra(name: str) -> Part:
    """Which distributions of one of our extras are installed."""
    purpose, distributions = EXTRAS[name]
    installed = _installed(distributions)
    missing = tuple(w for w in distributions if w not in installed)
    return Part(
        name=name,
        purpose=purpose,
        installed=installed,
        missing=missing,
        install=install_command(name) if missing else None,
    )


def _installed(names: Sequence[str]) -> dict[str, str]:
    """Version of each distribution that is installed; by metadata, nothing is imported."""
    versions = {}
    for name in names:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions
