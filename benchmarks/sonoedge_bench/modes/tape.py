"""What is measured while it is being measured: whenever it ends, what is there is whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sonoedge import Analysis
from sonoedge.errors import SonoedgeError
from sonoedge.findings import STAGES
from sonoedge_bench.document.profile import Profile
from sonoedge_bench.document.run import Drift, Growth, ProcessMemory, Subject
from sonoedge_bench.machine.conditions import Monitor
from sonoedge_bench.table import Table

STAGE_COLUMNS: Final = tuple(f"{stage}_ms" for stage in STAGES)


@dataclass(slots=True, kw_only=True)
class Outcomes:
    """What became of the frames that arrived.

    Attributes:
        submitted: frames handed over, by the count of whoever handed them over.
        analysed: frames with an analysis, late or not.
        without_result: (number, outcome) of each other frame: "superseded", "in flight", or the
            token of the reason why it was not analysed.
        balanced: the session's own account, where there is one, says the same.
    """

    submitted: int = 0
    analysed: int = 0
    without_result: list[tuple[int, str]] = field(default_factory=list)
    balanced: bool = True


@dataclass(slots=True, kw_only=True)
class Spent:
    """What the frames have cost; None where it is not known.

    Attributes:
        wall_s: while they were measured.
        host_cpu_s, worker_cpu_s: processor time of this process and of its worker.
        joules: of the whole package or module.
        joules_frames: how many frames the joules are over.
    """

    wall_s: float = 0.0
    host_cpu_s: float = 0.0
    worker_cpu_s: float | None = None
    joules: float | None = None
    joules_frames: int = 0


@dataclass(slots=True, kw_only=True)
class Tape:
    """One subject's measurement.

    Attributes:
        rows: per analysed frame: its number and milliseconds by name.
        warm_up: the same, of frames that do not count.
        outcomes: of the frames that count.
        spent: what they have cost.
        monitor: clocks, temperatures and memory once a second.
        memory_mib: by process ("host", "worker"); None where other engines share the
            process.
        engine_restarts: of a live session; None without one.
        growth: of memory by process, where the mode judges it.
        drift: of ages, where the mode judges it.
        profile: time per layer, where it was requested.
    """

    subject: Subject
    rows: Table
    warm_up: Table
    outcomes: Outcomes = field(default_factory=Outcomes)
    spent: Spent = field(default_factory=Spent)
    monitor: Monitor | None = None
    memory_mib: dict[str, ProcessMemory] | None = None
    engine_restarts: int | None = None
    growth: dict[str, Growth] = field(default_factory=dict)
    drift: Drift | None = None
    profile: Profile | None = None


@dataclass(slots=True, kw_only=True)
class Recording:
    """All tapes of a measurement, and what was left out.

    Attributes:
        skipped: variants that cannot run here, and why.
        stop_reason: "" while nothing has ended it early.
    """

    tapes: list[Tape] = field(default_factory=list)
    skipped: dict[str, SonoedgeError] = field(default_factory=dict)
    stop_reason: str = ""

    def begin(self, subject: Subject, columns: tuple[str, ...], capacity: int) -> Tape:
        """A tape for one subject."""
        columns = ("number", *columns)
        tape = Tape(subject=subject, rows=Table(columns, capacity), warm_up=Table(columns, 64))
        self.tapes.append(tape)
        return tape


def stages(analysis: Analysis) -> dict[str, float]:
    """An analysis's stages as the values of a row."""
    return {f"{stage}_ms": ms for stage, ms in analysis.stages_ms.items()}
