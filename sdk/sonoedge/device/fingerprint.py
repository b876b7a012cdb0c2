"""What a provision result is bound to: this machine, and this machine's GPU."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Final, cast

from sonoedge.device import cpu
from sonoedge.late_edges import LATE_EDGES
from sonoedge.runtime import resolve
from sonoedge.settings import plain, read

# Those whose versions decide how fast a CPU variant is, and what it answers.
PACKAGES: Final = (
    *("sonoedge", "numpy", "opencv-python-headless"),
    *("onnxruntime", "openvino", "ai-edge-litert"),
)

# runtimes whose engines are built on the device: the function that names what they are
# bound to
FINGERPRINTS: Final = {
    "tensorrt": LATE_EDGES["tensorrt fingerprint"],
    "tensorrt-rtx": LATE_EDGES["tensorrt fingerprint"],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuBox:
    """A machine, as far as it decides which CPU variant is the fastest.

    Attributes:
        cpu: the processor's name; None where the system does not say.
        instructions: those that matter to int8 and bf16.
        cores: cores that the process may run on.
        quota_cores: cores' worth of time that the control group allows; None for no limit.
        packages: versions; None for one that is not installed.
    """

    cpu: str | None
    instructions: tuple[str, ...]
    cores: int
    quota_cores: float | None
    architecture: str
    packages: Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuBox:
    """What an engine is bound to.

    Attributes:
        gpu: the GPU's model.
        compute_capability: such as "8.7".
        driver: version of the kernel module; None where the system does not say.
        driver_cuda: newest CUDA that the driver serves.
        cuda_runtime: version of CUDA's runtime library.
        tensorrt: flavour and version.
    """

    gpu: str
    compute_capability: str
    driver: str | None
    driver_cuda: str
    cuda_runtime: str
    tensorrt: str


def cpu_box() -> CpuBox:
    """This machine."""
    return CpuBox(
        cpu=cpu.cpu_model(),
        instructions=cpu.instructions(),
        cores=cpu.affinity(),
        quota_cores=cpu.quota(),
        architecture=platform.machine(),
        packages={name: _version(name) for name in PACKAGES},
    )


def gpu_box(runtime: str) -> GpuBox:
    """This machine's GPU, as an engine of this runtime sees it.

    Raises:
        RuntimeUnavailable: no GPU, no driver, or no CUDA runtime library.
        MissingDependency: this TensorRT is not installed.
    """
    ask = cast("Callable[[str], Mapping[str, str | None]]", resolve(FINGERPRINTS[runtime]))
    return read(GpuBox, ask(runtime))


def fingerprint_differences(
    expected: CpuBox | GpuBox, actual: CpuBox | GpuBox
) -> list[tuple[str, str, str]]:
    """What differs: (name, expected, found)."""
    rows = []
    for field in fields(expected):
        before, now = plain(getattr(expected, field.name)), plain(getattr(actual, field.name))
        if isinstance(before, dict):
            names = sorted(before.keys() | now.keys())
            rows += [
                (n, str(before.get(n)), str(now.get(n)))
                for n in names
                if before.get(n) != now.get(n)
            ]
        elif before != now:
            rows.append((field.name, str(before), str(now)))
    return rows


def _version(package: str) -> str | None:
    if package == "sonoedge":
        from sonoedge import __version__

        return __version__
    from importlib.metadata import PackageNotFoundError, version  # loads email

    try:
        return version(package)
    except PackageNotFoundError:
        return None
