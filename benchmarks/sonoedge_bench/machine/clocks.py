"""Clocks of processor cores and of a Jetson's GPU, and what limits them."""

from __future__ import annotations

from pathlib import Path

from sonoedge_bench.document.machine import ClockDomain
from sonoedge_bench.machine.files import number, numbered, text

SYS = Path("/sys")
PROC = Path("/proc")


def core_mhz(sys: Path = SYS, proc: Path = PROC) -> list[float]:
    """MHz of each core as it runs now; empty where the system does not tell.

    From cpufreq; where there is none, as in many virtual machines, from /proc/cpuinfo
    (x86), which may be the nominal clock.
    """
    clocks = []
    for core in numbered(sys / "devices/system/cpu", "cpu"):
        khz = number(core / "cpufreq/scaling_cur_freq")
        if khz is not None:
            clocks.append(khz / 1000)
    return clocks or _cpuinfo_mhz(proc)


def clock_domains(sys: Path = SYS) -> tuple[ClockDomain, ...]:
    """Each clock domain: driver, governor, and the MHz between which it may move."""
    return tuple(
        ClockDomain(
            governor=text(policy / "scaling_governor"),
            driver=text(policy / "scaling_driver"),
            min_mhz=_mhz(policy / "scaling_min_freq"),
            max_mhz=_mhz(policy / "scaling_max_freq"),
        )
        for policy in numbered(sys / "devices/system/cpu/cpufreq", "policy")
    )


def boost(sys: Path = SYS) -> bool | None:
    """Whether cores may run above their nominal clock; None where the system does not tell."""
    allowed = number(sys / "devices/system/cpu/cpufreq/boost")
    if allowed is not None:
        return bool(allowed)
    forbidden = number(sys / "devices/system/cpu/intel_pstate/no_turbo")
    return None if forbidden is None else not forbidden


def gpu_mhz(sys: Path = SYS) -> float | None:
    """MHz of a Jetson's GPU (devfreq); None elsewhere."""
    try:
        devices = sorted((sys / "class/devfreq").iterdir())
    except OSError:
        return None
    for device in devices:
        # 17000000.gpu on JetPack 6, 17000000.ga10b on 5, gpu-gpc-0 on 7
        if any(word in device.name for word in ("gpu", "ga10b", "gv11b")):
            hertz = number(device / "cur_freq")
            if hertz is not None:
                return hertz / 1e6
    return None


def _mhz(file: Path) -> float | None:
    khz = number(file)
    return None if khz is None else khz / 1000


def _cpuinfo_mhz(proc: Path) -> list[float]:
    try:
        lines = (proc / "cpuinfo").read_text(errors="replace").splitlines()
        return [float(line.partition(":")[2]) for line in lines if line.startswith("cpu MHz")]
    except (OSError, ValueError):
        return []
