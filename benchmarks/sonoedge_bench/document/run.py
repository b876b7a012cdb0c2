"""One engine, driven in one way: its figures, its costs, its frames' outcomes, every sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from sonoedge.errors import InvalidSettings
from sonoedge_bench.document.constraints import Count, Positive
from sonoedge_bench.document.figures import Summary
from sonoedge_bench.document.profile import Profile

Isolation: TypeAlias = Literal["none", "thread", "process"]
Columns: TypeAlias = Mapping[str, tuple[float | None, ...]]

# Reasons that are the system's fault and not the picture's: the frame had to have a result.
FAILURES: Final = frozenset(
    {
        "superseded",
        "in flight",
        "STALE",
        "DEADLINE_MISSED",
        "ENGINE_CRASHED",
        "ENGINE_FAILED",
        "ENGINE_OUTPUT_INVALID",
        "INTERNAL_ERROR",
        "STARTING",
        "UNAVAILABLE",
        "FAULT",
        "CLOSED",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Which engine is measured, and how it is driven.

    Attributes:
        threads: of the engine, as given or as the machine allows.
        isolation: "none" is `Analyser.analyse` in the benchmark's process.
        spin: the engine's threads wait awake.
        keep_warm: one more engine call in each pause.
        placement: "pinned" where each thread of the engine had a core of its own.
        fps: frames that arrive per second; None where they come back to back.
        deadline_ms: from capture to result; None where frames come back to back.
    """

    variant: str
    runtime: str
    precision: str
    engine_sha256: str
    threads: Positive
    isolation: Isolation
    spin: bool = False
    keep_warm: bool = False
    placement: Literal["free", "pinned"] = "free"
    fps: float | None = None
    deadline_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Processor time and energy; None where not known.

    Attributes:
        wall_s: seconds that were measured.
        cpu_ms_per_frame: of this process and its worker, user and system time.
        cores_used: on average.
        joules_per_frame, watts: of the whole package or module.
    """

    wall_s: float
    cpu_ms_per_frame: float | None
    host_cpu_ms_per_frame: float | None
    worker_cpu_ms_per_frame: float | None
    cores_used: float | None
    joules_per_frame: float | None
    watts: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessMemory:
    """Resident memory of a process in MiB; None where not known.

    Attributes:
        peak: the most ever resident.
        steady: median of the second half of the run.
    """

    peak: float | None
    steady: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeCounts:
    """What became of the frames that arrived.

    Attributes:
        not_analysed: by reason.
        balanced: every frame has exactly one outcome, and the session's own counters agree.
        late: analyses after the deadline; None without a deadline.
        lost: frames that had to have a result and got none; None without a deadline.
        misses: late and lost together.
    """

    submitted: Count
    analysed: Count
    not_analysed: Mapping[str, Count]
    superseded: Count
    in_flight: Count
    balanced: bool
    late: Count | None
    lost: Count | None
    misses: Count | None
    misses_per_hour: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """How a process's own (anonymous) memory grew.

    Attributes:
        mib_per_h: least-squares slope, MiB per hour; `low` to `high` is its 95 % interval.
        growth_mib: slope times span, MiB.
        span_s: seconds that the slope is fitted to.
        verdict: "undecided" where the run was too short to tell.
    """

    mib_per_h: float
    low: float
    high: float
    limit_mib_per_h: float
    growth_mib: float
    span_s: float
    verdict: Literal["kept", "exceeded", "undecided"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Median age of the last quarter over that of the first.

    Attributes:
        low, high: 95 % interval of the ratio.
    """

    first_quarter_p50_ms: float
    last_quarter_p50_ms: float
    ratio: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Subject):
    """One engine, driven in one way.

    Attributes:
        figures: by the names of the columns in `samples`.
        overhead_percent: median overhead over the median bare call (closed) or engine stage.
        throughput_fps: analysed frames per second.
        memory_mib: by process ("host", "worker"); None where engines share a process.
        over_time: clocks, temperatures and memory once a second; None where not watched.
        engine_restarts: of a live session; None without one.
        growth: of memory by process (soak); empty elsewhere.
        drift: of ages (soak); None elsewhere.
        profile: time per layer; None where it was not requested.
        samples: columns of equal length in the order of time; `number` is the frame's.
        warm_up: the same, of frames that do not count.
        without_result: number and outcome of each frame without an analysis.
    """

    figures: Mapping[str, Summary]
    overhead_percent: float | None
    throughput_fps: float | None
    cost: Cost
    memory_mib: Mapping[str, ProcessMemory] | None
    outcomes: OutcomeCounts
    over_time: Columns | None
    engine_restarts: Count | None
    growth: Mapping[str, Growth]
    drift: Drift | None
    profile: Profile | None
    samples: Columns
    warm_up: Columns
    without_result: tuple[tuple[Count, str], ...]

    def __post_init__(self) -> None:
        for name in ("samples", "warm_up", "over_time"):
            lengths = {len(column) for column in (getattr(self, name) or {}).values()}
            if len(lengths) > 1:
                raise InvalidSettings(f"{name} has columns of different lengths")
        if any(number is None for number in self.samples.get("number", ())):
            raise InvalidSettings("samples has a frame without a number")

    def values(self, figure: str) -> list[float]:
        """The known samples of a figure, in the order of time."""
        return [v for v in self.samples.get(figure, ()) if v is not None]
