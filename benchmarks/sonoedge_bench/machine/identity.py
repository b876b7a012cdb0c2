"""Which machine a measurement comes from; unknown stays None."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from sonoedge.device import jetson
from sonoedge.device.cpu import affinity, cpu_model, instructions, quota, usable_threads
from sonoedge.device.gpu import Gpu, present, probe_gpu

PACKAGES: Final = (
    "sonoedge",
    "numpy",
    "opencv-python-headless",
    "onnxruntime",
    "openvino",
    "tensorrt",
)

# What must be equal for two measurements to be of one kind of machine. Versions are not
# among them: comparing those is often the purpose.
LIKENESS: Final = (
    "cpu",
    "instructions",
    "cores",
    "quota",
    "architecture",
    "governor",
    "gpu",
    "power_mode",
    "model",
)


def machine() -> dict[str, Any]:
    """Processor, cores, GPU, governor, power mode and versions."""
    gpu = probe_gpu() if present() else None
    return {
        "cpu": cpu_model(),
        "instructions": list(instructions()),
        "cores": affinity(),
        "quota": quota(),
        "threads": usable_threads(),
        "system": platform.system(),
        "kernel": platform.release(),
        "architecture": platform.machine(),
        "gpu": gpu.name if isinstance(gpu, Gpu) else None,
        "compute_capability": gpu.compute_capability if isinstance(gpu, Gpu) else None,
        "driver": gpu.driver if isinstance(gpu, Gpu) else None,
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
    } | jetson.conditions()


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """What makes two machines unlike, each as "name: this, that"; empty where they are alike."""
    return [
        f"{name}: {_said(one.get(name))}, {_said(other.get(name))}"
        for name in LIKENESS
        if one.get(name) != other.get(name)
    ]


def versions_apart(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Packages, Python and kernel whose versions differ, each as "name: this, that"."""
    a = {"python": one.get("python"), "kernel": one.get("kernel")} | one.get("packages", {})
    b = {"python": other.get("python"), "kernel": other.get("kernel")} | other.get("packages", {})
    return [f"{n}: {_said(a.get(n))}, {_said(b.get(n))}" for n in a if a.get(n) != b.get(n)]


def _said(value: object) -> str:
    if isinstance(value, list | tuple):
        return " ".join(str(v) for v in value) or "none"
    return "unknown" if value is None else str(value)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
