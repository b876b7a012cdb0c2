"""What this machine's processor offers, and how much of it is ours."""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Final

# What matters to int8 and bf16 kernels, as the Linux kernel spells it (x86; ARM).
INSTRUCTIONS: Final = (
    ("avx2", "avx512f", "avx_vnni", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16")
    + ("asimd", "asimddp", "i8mm", "bf16", "sve")
)  # fmt: skip

# Those that multiply in 8 bits, or in bfloat16, by their names among people.
INT8: Final = {
    "amx_int8": "AMX",
    "avx512_vnni": "AVX-512 VNNI",
    "avx_vnni": "AVX VNNI",
    "i8mm": "I8MM",
    "asimddp": "SDOT",
}
BF16: Final = {"amx_bf16": "AMX", "avx512_bf16": "AVX-512 BF16", "bf16": "BF16"}


def cpu_model() -> str | None:
    """The processor's name, or None where the system does not say."""
    for line in _cpuinfo():
        key, _, value = line.partition(":")
        if key.strip() in ("model name", "Model"):
            return value.strip()
    return platform.processor() or None


def instructions() -> tuple[str, ...]:
    """Those of INSTRUCTIONS that this processor has."""
    for line in _cpuinfo():
        key, _, value = line.partition(":")
        if key.strip() in ("flags", "Features"):
            available = set(value.split())
            return tuple(name for name in INSTRUCTIONS if name in available)
    return ()


def has_bf16() -> bool:
    """Whether the processor multiplies bfloat16 itself; emulated, it is many times slower."""
    return any(name in BF16 for name in instructions())


def int8_overflows() -> bool:
    """Whether sums of two 8-bit products saturate at 16 bits, as on x86 without VNNI or AMX."""
    available = instructions()
    return (
        platform.machine() in ("x86_64", "AMD64")
        and bool(available)
        and not set(available) & set(INT8)
    )


def affinity() -> int:
    """Cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def quota(
    root: Path = Path("/sys/fs/cgroup"), membership: Path = Path("/proc/self/cgroup")
) -> float | None:
    """Cores' worth of time that the control group allows, or None for no limit.

    The tightest limit on the way from this process's group to the root counts.
    """
    limits = []
    for folder in _groups(root, membership):
        try:
            allowed, _, period = (folder / "cpu.max").read_text().partition(" ")
            if allowed != "max":
                limits.append(int(allowed) / int(period))
        except (OSError, ValueError):
            pass
        try:
            allowed_us = int((folder / "cpu.cfs_quota_us").read_text())
            if allowed_us > 0:
                limits.append(allowed_us / int((folder / "cpu.cfs_period_us").read_text()))
        except (OSError, ValueError):
            pass
    return min(limits) if limits else None


def usable_threads() -> int:
    """Threads that an engine should use: the cores by affinity, within the quota."""
    limit = quota()
    return affinity() if limit is None else max(1, min(affinity(), int(limit)))


def cpu_wait_ms(pid: int, proc: Path = Path("/proc")) -> dict[str, float]:
    """How long each thread of a process could have run and did not, by its id.

    From the kernel's account (`/proc/PID/task/*/schedstat`), in milliseconds since the
    thread began; empty where the kernel keeps none, or the process is gone.
    """
    waits_ms = {}
    with contextlib.suppress(OSError, ValueError, IndexError):
        for task in (proc / str(pid) / "task").iterdir():
            waits_ms[task.name] = int((task / "schedstat").read_text().split()[1]) / 1e6
    return waits_ms


def longest_wait_ms(before: Mapping[str, float], after: Mapping[str, float]) -> float:
    """The longest that one thread waited between two accounts of `cpu_wait_ms`."""
    return max((ms - before.get(thread, 0.0) for thread, ms in after.items()), default=0.0)


def wait_share(waited_ms: float, wall_ms: float) -> float:
    """What share of a time was waited, at most 1.

    The kernel books a wait when it ends, also what of it was before the time began.
    """
    return round(min(waited_ms / wall_ms, 1.0), 4)


def _groups(root: Path, membership: Path) -> list[Path]:
    folders = [root, root / "cpu"]
    try:
        lines = membership.read_text().splitlines()
    except OSError:
        return folders
    for line in lines:
        _, controllers, path = line.split(":", 2)
        base = (
            root if not controllers else root / "cpu" if "cpu" in controllers.split(",") else None
        )
        group = Path(path.lstrip("/"))
        if base is not None:
            folders += [base / group, *(base / parent for parent in group.parents)]
    return list(dict.fromkeys(folders))


def _cpuinfo() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    except OSError:
        return []
