"""Which machine a measurement comes from; unknown stays None."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sonoedge.cpu import affinity, cpu_model, instructions, quota, usable_threads

PACKAGES = ("sonoedge", "numpy", "opencv-python-headless", "onnxruntime", "openvino")


def machine() -> dict[str, object]:
    """Processor, cores, governor and versions."""
    return {
        "cpu": cpu_model(),
        "instructions": list(instructions()),
        "cores": affinity(),
        "quota": quota(),
        "threads": usable_threads(),
        "governor": _governor(),
        "system": platform.system(),
        "architecture": platform.machine(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
    }


def _governor() -> str | None:
    file = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    try:
        return file.read_text().strip()
    except OSError:
        return None


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
