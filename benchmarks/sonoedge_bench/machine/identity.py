"""Which machine a measurement comes from; unknown stays None."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from sonoedge.device import jetson
from sonoedge.device.cpu import affinity, cpu_model, instructions, quota, usable_threads
from sonoedge.device.gpu import Gpu, present, probe_gpu
from sonoedge_bench.document.machine import Machine

PACKAGES: Final = (
    "sonoedge",
    "numpy",
    "opencv-python-headless",
    "onnxruntime",
    "openvino",
    "ai-edge-litert",
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


def machine() -> Machine:
    """Processor, cores, GPU, governor, power mode and versions of this machine."""
    gpu = probe_gpu() if present() else None
    setting = jetson.conditions()
    card = gpu if isinstance(gpu, Gpu) else None
    return Machine(
        cpu=cpu_model(),
        instructions=tuple(instructions()),
        cores=affinity(),
        quota=quota(),
        threads=usable_threads(),
        system=platform.system(),
        kernel=platform.release(),
        architecture=platform.machine(),
        gpu=None if card is None else card.name,
        compute_capability=None if card is None else card.compute_capability,
        driver=None if card is None else card.driver,
        python=platform.python_version(),
        packages={name: _version(name) for name in PACKAGES},
        governor=setting["governor"],
        power_mode=setting["power_mode"],
        model=setting["model"],
        l4t=setting["l4t"],
    )


def differences(before: Machine, after: Machine) -> list[str]:
    """What makes two machines unlike, each as "name: this, that"; empty where they are alike."""
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in LIKENESS)
    return [f"{name}: {_text(a)}, {_text(b)}" for name, a, b in pairs if a != b]


def version_differences(before: Machine, after: Machine) -> list[str]:
    """Packages, Python and kernel whose versions differ, each as "name: this, that"."""
    a, b = _versions(before), _versions(after)
    return [f"{n}: {_text(a[n])}, {_text(b.get(n))}" for n in a if a[n] != b.get(n)]


def _versions(machine: Machine) -> dict[str, str | None]:
    return {"python": machine.python, "kernel": machine.kernel, **machine.packages}


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(str(v) for v in value) or "none"
    return "unknown" if value is None else str(value)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
