"""Tables of what became of the frames, what they cost, and what grew."""

from __future__ import annotations

from collections.abc import Sequence

from sonoedge_bench.document.run import Run
from sonoedge_bench.report.cells import UNKNOWN, engine, number, quantile, total
from sonoedge_bench.report.text_table import TextTable


def outcomes(runs: Sequence[Run]) -> TextTable:
    """What became of the frames."""
    rows = []
    for r in runs:
        o = r.outcomes
        reasons = ", ".join(f"{name} {n}" for name, n in o.not_analysed.items())
        rows.append(
            (
                engine(r),
                str(o.submitted),
                str(o.analysed),
                reasons or "0",
                str(o.superseded),
                str(o.in_flight),
                "yes" if o.balanced else "NO",
                number(r.deadline_ms, 1),
                str(o.late) if o.late is not None else UNKNOWN,
                str(o.lost) if o.lost is not None else UNKNOWN,
                number(o.misses_per_hour, 1),
                quantile(r, "driver_delay_ms", "p99", 2),
            )
        )
    return TextTable(
        title="Outcomes",
        head=("engine", "frames", "analysed", "not analysed", "superseded", "in flight", "sums")
        + ("deadline ms", "late", "lost", "misses/h", "driver p99"),
        rows=tuple(rows),
        note="Misses: results later than the deadline, and frames that had to have one and got "
        "none (superseded, stale, engine lost). Frames that the guard refuses are none. "
        "Driver: ms by which the benchmark itself handed frames over late; part of their age.",
    )


def cost(runs: Sequence[Run]) -> TextTable:
    """Processor time, memory, energy."""
    rows = []
    for r in runs:
        c, m = r.cost, r.memory_mib
        rows.append(
            (
                engine(r),
                number(c.cpu_ms_per_frame),
                number(c.cores_used),
                number(r.throughput_fps, 1),
                number(total(m, "peak"), 1),
                number(total(m, "steady"), 1),
                number(c.joules_per_frame, 3),
                number(c.watts, 1),
            )
        )
    return TextTable(
        title="Cost",
        head=("engine", "CPU ms/frame", "cores used", "analysed/s", "peak MiB", "steady MiB")
        + ("J/frame", "W"),
        rows=tuple(rows),
        note="Memory of this process and its worker; of one engine alone. Energy of the whole "
        "package or module.",
    )


def soak(runs: Sequence[Run]) -> TextTable:
    """Growth and drift."""
    rows = []
    for r in runs:
        drift = UNKNOWN
        if r.drift is not None:
            drift = f"{r.drift.ratio:.3f} ({r.drift.low:.3f} to {r.drift.high:.3f})"
        for process, g in r.growth.items():
            rows.append(
                (
                    engine(r),
                    process,
                    f"{number(g.mib_per_h)} ({number(g.low)} to {number(g.high)})",
                    number(g.limit_mib_per_h, 1),
                    f"{number(g.growth_mib)} in {number(g.span_s, 0)} s",
                    g.verdict,
                    drift,
                )
            )
    return TextTable(
        title="Memory growth and drift",
        head=("engine", "process", "growth, MiB per hour", "limit", "growth", "verdict")
        + ("age, last quarter / first",),
        rows=tuple(rows),
        note="Undecided: the run was too short to tell a slope from the steps of an allocator.",
    )
