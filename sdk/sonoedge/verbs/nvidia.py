"""What doctor says of the GPU, of TensorRT, and of a Jetson's clocks."""

from __future__ import annotations

import ctypes.util
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sonoedge.device import jetson
from sonoedge.device.gpu import Gpu, kernel_module, probe_gpu
from sonoedge.provision.tensorrt_versions import DISTRIBUTIONS, installed, problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Nvidia:
    """The GPU and what runs on it; nothing of it is loaded into this process.

    Attributes:
        libcuda: the driver library that the linker finds, or None.
        driver: version of the kernel module, or None.
        gpu: GPU 0, as the driver describes it; None where it does not.
        why: why there is none; empty where there is one.
        tensorrt: version by runtime, of those that are installed.
        jetson: first line of /etc/nv_tegra_release, or None where this is no Jetson.
        l4t, jetpack: its versions; None where this is no Jetson or nobody knows.
        governor: of the first core's clock, or None.
        power_mode: as nvpmodel has left it, or None.
        problems: what is known not to do.
    """

    libcuda: str | None
    driver: str | None
    gpu: Gpu | None
    why: str
    tensorrt: Mapping[str, str]
    jetson: str | None
    l4t: str | None
    jetpack: str | None
    governor: str | None
    power_mode: str | None
    problems: tuple[str, ...]


def nvidia(tegra_release: Path = jetson.RELEASE) -> Nvidia:
    """Look; the driver is asked in a process of its own, and only where there is one."""
    libcuda = ctypes.util.find_library("cuda")
    findings = probe_gpu() if libcuda is not None else "no driver library found"
    gpu = findings if isinstance(findings, Gpu) else None
    l4t = jetson.l4t(tegra_release)
    versions = {name: number for name in DISTRIBUTIONS if (number := installed(name)) is not None}
    capability = None if gpu is None else gpu.compute_capability
    messages = [
        problem.text
        for name, number in versions.items()
        for problem in problems(name, number, compute_capability=capability, l4t=l4t)
    ]
    return Nvidia(
        libcuda=libcuda,
        driver=kernel_module(),
        gpu=gpu,
        why=findings if isinstance(findings, str) else "",
        tensorrt=versions,
        jetson=jetson.first_line(tegra_release),
        l4t=l4t,
        jetpack=jetson.jetpack(l4t),
        governor=jetson.first_line(jetson.GOVERNOR),
        power_mode=jetson.first_line(jetson.POWER_MODE),
        problems=tuple(messages),
    )


def rows(findings: Nvidia) -> Iterator[tuple[str, str]]:
    """Text for a person, in two columns."""
    if findings.gpu is None:
        yield "nvidia", findings.why
    else:
        gpu = findings.gpu
        yield (
            "nvidia",
            f"{gpu.name}, compute capability {gpu.compute_capability}, "
            f"{gpu.memory_bytes / 2**30:.1f} GiB{' shared with the CPU' if gpu.integrated else ''}",
        )
        yield "", f"driver {findings.driver or 'of unknown version'}, serves CUDA up to {gpu.cuda}"
    for name, number in findings.tensorrt.items():
        yield "", f"{name} {number}"
    if findings.jetson is not None:
        about = f"L4T {findings.l4t or 'unknown'}, JetPack {findings.jetpack or 'unknown'}"
        yield "jetson", f"{about}; {findings.jetson}"
    if findings.governor is not None or findings.power_mode is not None:
        yield (
            "clocks",
            f"governor {findings.governor or 'unknown'}"
            + ("" if findings.power_mode is None else f", power mode {findings.power_mode}"),
        )
    for problem in findings.problems:
        yield "problem", problem
