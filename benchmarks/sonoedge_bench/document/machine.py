"""The machine that was measured, and its state before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sonoedge_bench.document.constraints import Count, Positive


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What the machine is; None where the system does not tell.

    Attributes:
        instructions: instruction sets that matter to engines.
        cores: processors that this process may run on (affinity).
        quota: cores' worth of time that the control group allows; None without a limit.
        threads: engine threads used when none are given.
        packages: version by package; None where it is not installed.
        power_mode: of a Jetson (nvpmodel).
        model: from the device tree.
        l4t: NVIDIA's Linux for Tegra.
    """

    cpu: str | None
    instructions: tuple[str, ...]
    cores: Positive
    quota: float | None
    threads: Positive
    system: str
    kernel: str
    architecture: str
    gpu: str | None
    compute_capability: str | None
    driver: str | None
    python: str
    packages: Mapping[str, str | None]
    governor: str | None
    power_mode: str | None
    model: str | None
    l4t: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockDomain:
    """Cores that share a clock (cpufreq)."""

    governor: str | None
    driver: str | None
    min_mhz: float | None
    max_mhz: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineState:
    """Clocks and sensors at one moment; None or empty where the system does not tell.

    Attributes:
        core_mhz: of each core.
        boost: whether cores may exceed their nominal clock.
        temperatures_c: degrees Celsius by thermal zone.
        throttle_counts: throttling events since the machine started, by their kind.
        throttled_by: what limits the clocks at this moment.
        load: processes that ran or wanted to, mean of the last minute.
    """

    core_mhz: tuple[float, ...]
    clock_domains: tuple[ClockDomain, ...]
    boost: bool | None
    gpu_mhz: float | None
    temperatures_c: Mapping[str, float]
    throttle_counts: Mapping[str, Count]
    throttled_by: tuple[str, ...]
    load: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherWork:
    """Cores in use, on average, by work that is not the benchmark's; None where not told.

    Attributes:
        other_cores: by other processes.
        stolen_cores: by other virtual machines of the same host.
    """

    other_cores: float | None
    stolen_cores: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """The machine's state around the measurement.

    Attributes:
        throttling: signs that the machine was slowed down meanwhile; empty: none seen.
    """

    before: MachineState
    after: MachineState
    throttling: tuple[str, ...]
    other_work: OtherWork
