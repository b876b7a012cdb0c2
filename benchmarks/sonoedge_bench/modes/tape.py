"""What is measured while it is being measured: whenever it ends, what is there is whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from sonoedge import Analysis
from sonoedge.analyser import STAGES
from sonoedge.errors import SonoedgeError
from sonoedge_bench.machine.conditions import Monitor
from sonoedge_bench.table import Table

STAGE_COLUMNS: Final = tuple(f"{stage}_ms" for stage in STAGES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Which engine is measured, and how it is driven.

    Attributes:
        threads: of the engine, as asked for or as the machine allows.
        isolation: "none", "thread" or "process".
        spin, keep_warm: as in `sonoedge.EngineOptions`.
        fps: arrivals per second; None where frames come back to back.
        deadline_ms: from capture to result; None where frames come back to back.
    """

    variant: str
    runtime: str
    precision: str
    engine_sha256: str
    threads: int
    isolation: str
    spin: bool = False
    keep_warm: bool = False
    fps: float | None = None
    deadline_ms: float | None = None


@dataclass(slots=True, kw_only=True)
class Outcomes:
    """What became of the frames that arrived.

    Attributes:
        submitted: frames handed over, by the count of whoever handed them over.
        analysed: frames with an analysis, late or not.
        others: (number, outcome) of each other frame: "superseded", "in flight", or the
            token of the reason why it was not analysed.
        balanced: the session's own account, where there is one, says the same.
    """

    submitted: int = 0
    analysed: int = 0
    others: list[tuple[int, str]] = field(default_factory=list)
    balanced: bool = True


@dataclass(slots=True, kw_only=True)
class Spent:
    """What frames have cost; None where it is not known.

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
        memory_mib: by process ("host", "worker"), then "peak" and "steady"; None where
            other engines share the process, or the system does not say.
        facts: more that the mode found out.
    """

    subject: Subject
    rows: Table
    warm_up: Table
    outcomes: Outcomes = field(default_factory=Outcomes)
    spent: Spent = field(default_factory=Spent)
    monitor: Monitor | None = None
    memory_mib: dict[str, dict[str, float | None]] | None = None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Recording:
    """All tapes of a measurement, and what was left out.

    Attributes:
        skipped: variants that cannot run here, and why.
        ended: "" while all went to its end; else what ended it early.
    """

    tapes: list[Tape] = field(default_factory=list)
    skipped: dict[str, SonoedgeError] = field(default_factory=dict)
    ended: str = ""

    def begin(self, subject: Subject, columns: tuple[str, ...], capacity: int) -> Tape:
        """A tape for one subject."""
        columns = ("number", *columns)
        tape = Tape(subject=subject, rows=Table(columns, capacity), warm_up=Table(columns, 64))
        self.tapes.append(tape)
        return tape


def stages(analysis: Analysis) -> dict[str, float]:
    """An analysis's stages as the values of a row."""
    return {f"{stage}_ms": ms for stage, ms in analysis.stages_ms.items()}
