"""The tables of a document: one list, shown on the terminal, in Markdown and in HTML."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sonoedge.analyser import STAGES
from sonoedge_bench.report.cells import UNKNOWN, bounds, engine, number, quantile, total
from sonoedge_bench.report.pareto import front

Run = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTable:
    """Rows of text.

    Attributes:
        note: what a reader has to know; "" for nothing.
        words: columns of words, besides the first; the others are numbers.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    words: tuple[str, ...] = ()


def tables(document: Mapping[str, Any]) -> list[TextTable]:
    """Those that this mode has, in the order to be read."""
    runs: Sequence[Run] = document["runs"]
    made = [make(runs) for make in TABLES[document["mode"]]]
    return [t for t in made if t.rows]


def closed(runs: Sequence[Run]) -> TextTable:
    """Back to back."""
    rows = [
        (
            engine(r),
            quantile(r, "bare_ms", "p50"),
            quantile(r, "analyse_ms", "p50"),
            bounds(r, "analyse_ms"),
            *(quantile(r, "analyse_ms", q) for q in ("p90", "p99", "p999", "max")),
            quantile(r, "overhead_ms", "p50", 3),
            quantile(r, "overhead_ms", "p99", 3),
            _percent(r),
            number(r["throughput_fps"], 1),
        )
        for r in runs
    ]
    return TextTable(
        title="back to back, ms",
        head=("engine", "bare p50", "analyse p50", "95 % interval", "p90", "p99", "p99.9", "max")
        + ("overhead p50", "p99", "of bare", "fps"),
        rows=tuple(rows),
        note="Overhead: a whole analysis above the bare engine call beside it, same frame.",
    )


def paced(runs: Sequence[Run]) -> TextTable:
    """Frames at their own pace."""
    rows = [
        (
            engine(r),
            quantile(r, "age_ms", "p50"),
            bounds(r, "age_ms"),
            *(quantile(r, "age_ms", q) for q in ("p90", "p99", "p999", "max")),
            quantile(r, "engine_ms", "p50"),
            quantile(r, "engine_ms", "p99"),
            quantile(r, "overhead_ms", "p50", 3),
            quantile(r, "overhead_ms", "p99", 3),
            quantile(r, "bare_ms", "p50"),
        )
        for r in runs
    ]
    return TextTable(
        title="age at result, ms from capture",
        head=("engine", "age p50", "95 % interval", "p90", "p99", "p99.9", "max")
        + ("engine p50", "p99", "overhead p50", "p99", "bare p50"),
        rows=tuple(rows),
        note="Overhead: age above the engine's call within that frame. "
        "Bare: engine calls at the same pace.",
    )


def swept(runs: Sequence[Run]) -> TextTable:
    """Combinations, the ones that nothing beats marked."""
    best = set(front(runs))
    rows = [
        (
            ("* " if at in best else "  ") + engine(r),
            quantile(r, "age_ms", "p50"),
            bounds(r, "age_ms"),
            *(quantile(r, "age_ms", q) for q in ("p90", "p99", "max")),
            quantile(r, "engine_ms", "p50"),
            quantile(r, "overhead_ms", "p50", 3),
            number(r["cost"]["cpu_ms_per_frame"]),
            number(r["cost"]["cores_used"]),
            number(r["outcomes"]["misses_per_hour"], 1),
        )
        for at, r in enumerate(runs)
    ]
    return TextTable(
        title="age at result, ms from capture",
        head=("engine", "age p50", "95 % interval", "p90", "p99", "max", "engine p50")
        + ("overhead p50", "CPU ms/frame", "cores used", "misses/h"),
        rows=tuple(rows),
        note="*: no other run at this pace is younger for as little processor time (Pareto).",
    )


def outcomes(runs: Sequence[Run]) -> TextTable:
    """What became of the frames."""
    rows = []
    for r in runs:
        o = r["outcomes"]
        reasons = ", ".join(f"{name} {n}" for name, n in o["not_analysed"].items())
        rows.append(
            (
                engine(r),
                str(o["submitted"]),
                str(o["analysed"]),
                reasons or "0",
                str(o["superseded"]),
                str(o["in_flight"]),
                "yes" if o["balanced"] else "NO",
                number(r["deadline_ms"], 1),
                str(o["late"]) if o["late"] is not None else UNKNOWN,
                str(o["lost"]) if o["lost"] is not None else UNKNOWN,
                number(o["misses_per_hour"], 1),
            )
        )
    return TextTable(
        title="outcomes",
        head=("engine", "frames", "analysed", "not analysed", "superseded", "in flight", "sums")
        + ("deadline ms", "late", "lost", "misses/h"),
        rows=tuple(rows),
        note="Misses: results later than the deadline, and frames that had to have one and got "
        "none (superseded, stale, engine lost). Frames that the guard refuses are none.",
    )


def stage_table(runs: Sequence[Run]) -> TextTable:
    """Per stage."""
    rows = [
        (engine(r), *(_stage(r, f"{stage}_ms") for stage in STAGES))
        for r in runs
        if "engine_ms" in r["figures"]
    ]
    return TextTable(title="stages, ms: p50 (p99)", head=("engine", *STAGES), rows=tuple(rows))


def _stage(run: Run, name: str) -> str:
    """The median, and the tail where the sample is large enough to know it."""
    summary = run["figures"].get(name)
    tail = "" if summary is None or summary["p99"] is None else quantile(run, name, "p99", 3)
    return quantile(run, name, "p50", 3) + (f" ({tail})" if tail else "")


def cost(runs: Sequence[Run]) -> TextTable:
    """Processor time, memory, energy."""
    rows = []
    for r in runs:
        c, m = r["cost"], r["memory_mib"]
        rows.append(
            (
                engine(r),
                number(c["cpu_ms_per_frame"]),
                number(c["cores_used"]),
                number(r["throughput_fps"], 1),
                number(total(m, "peak"), 1),
                number(total(m, "steady"), 1),
                number(c["joules_per_frame"], 3),
                number(c["watts"], 1),
            )
        )
    return TextTable(
        title="cost",
        head=("engine", "CPU ms/frame", "cores used", "analysed/s", "peak MiB", "steady MiB")
        + ("J/frame", "W"),
        rows=tuple(rows),
        note="Memory of this process and its worker; of one engine alone. Energy of the whole "
        "package or module.",
    )


def cold(runs: Sequence[Run]) -> TextTable:
    """Fresh processes."""
    steps = ("import_ms", "open_ms", "first_frame_ms", "steady_ms", "process_ms")
    rows = [
        (
            engine(r),
            str(r["figures"]["open_ms"]["n"]),
            *(quantile(r, step, "p50", 1) for step in steps),
            quantile(r, "open_ms", "max", 1),
            quantile(r, "first_over_steady", "p50"),
            quantile(r, "peak_mib", "p50", 1),
            quantile(r, "steady_mib", "p50", 1),
        )
        for r in runs
        if "open_ms" in r["figures"]
    ]
    return TextTable(
        title="fresh processes, p50 in ms",
        head=("engine", "starts", "import", "open", "first frame", "steady", "process to result")
        + ("open max", "first/steady", "peak MiB", "steady MiB"),
        rows=tuple(rows),
        note="Import: sonoedge above NumPy and OpenCV. Open: until the golden frames have passed.",
    )


def soak(runs: Sequence[Run]) -> TextTable:
    """Growth and drift."""
    rows = []
    for r in runs:
        drift = r["facts"].get("drift")
        told = UNKNOWN
        if drift:
            told = f"{drift['ratio']:.3f} ({drift['low']:.3f} to {drift['high']:.3f})"
        for process, g in r["facts"].get("growth", {}).items():
            rows.append(
                (
                    engine(r),
                    process,
                    f"{number(g['mib_per_h'])} ({number(g['low'])} to {number(g['high'])})",
                    number(g["limit_mib_per_h"], 1),
                    f"{number(g['grown_mib'])} in {number(g['over_s'], 0)} s",
                    g["verdict"],
                    told,
                )
            )
    return TextTable(
        title="soak",
        head=("engine", "process", "growth, MiB per hour", "limit", "grown", "verdict")
        + ("age, last quarter / first",),
        rows=tuple(rows),
        note="Undecided: the run was too short to tell a slope from the steps of an allocator.",
    )


def _percent(run: Run) -> str:
    value = run["overhead_percent"]
    return UNKNOWN if value is None else f"{value:.1f} %"


TABLES: Final[dict[str, tuple[Callable[[Sequence[Run]], TextTable], ...]]] = {
    "closed": (closed, stage_table, cost),
    "paced": (paced, outcomes, stage_table, cost),
    "soak": (paced, outcomes, soak, stage_table, cost),
    "sweep": (swept, outcomes, stage_table),
    "cold": (cold,),
}
