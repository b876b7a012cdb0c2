"""Tables of milliseconds, one line per run."""

from __future__ import annotations

from collections.abc import Sequence

from sonoedge.findings import STAGES
from sonoedge_bench.document.run import Run
from sonoedge_bench.report.cells import UNKNOWN, bounds, engine, number, quantile
from sonoedge_bench.report.pareto import front
from sonoedge_bench.report.text_table import TextTable


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
            _percent(r),
            quantile(r, "non_engine_ms", "p50", 3),
            quantile(r, "non_engine_ms", "p99", 3),
            number(r.throughput_fps, 1),
        )
        for r in runs
    ]
    return TextTable(
        title="Back to back, ms",
        head=("engine", "bare p50", "analyse p50", "95 % interval", "p90", "p99", "p99.9", "max")
        + ("overhead p50", "of bare", "non-engine p50", "p99", "fps"),
        rows=tuple(rows),
        note="Overhead: a whole analysis above the bare engine call beside it, same frame. "
        "Non-engine: an analysis less its own engine call; its tail holds none of the engine's.",
    )


def bare(runs: Sequence[Run]) -> TextTable:
    """Engine calls of a bare graph, back to back."""
    rows = [
        (
            engine(r),
            quantile(r, "bare_ms", "p50"),
            bounds(r, "bare_ms"),
            *(quantile(r, "bare_ms", q) for q in ("p90", "p99", "p999", "max")),
            number(r.throughput_fps, 1),
        )
        for r in runs
    ]
    return TextTable(
        title="Engine calls, back to back, ms",
        head=("engine", "p50", "95 % interval", "p90", "p99", "p99.9", "max", "calls/s"),
        rows=tuple(rows),
        note="Random tensors: no frame was preprocessed, and no answer was judged.",
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
        title="Age at result, ms from capture",
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
            number(r.cost.cpu_ms_per_frame),
            number(r.cost.cores_used),
            number(r.outcomes.misses_per_hour, 1),
        )
        for at, r in enumerate(runs)
    ]
    return TextTable(
        title="Age at result, ms from capture",
        head=("engine", "age p50", "95 % interval", "p90", "p99", "max", "engine p50")
        + ("overhead p50", "CPU ms/frame", "cores used", "misses/h"),
        rows=tuple(rows),
        note="*: no other run at this pace is younger for as little processor time (Pareto).",
    )


def cold(runs: Sequence[Run]) -> TextTable:
    """Fresh processes."""
    steps = ("import_ms", "open_ms", "first_frame_ms", "steady_ms", "process_ms")
    rows = [
        (
            engine(r),
            str(r.figures["open_ms"].n),
            *(quantile(r, step, "p50", 1) for step in steps),
            quantile(r, "open_ms", "max", 1),
            quantile(r, "first_over_steady", "p50"),
            quantile(r, "peak_mib", "p50", 1),
            quantile(r, "steady_mib", "p50", 1),
        )
        for r in runs
        if "open_ms" in r.figures
    ]
    return TextTable(
        title="Fresh processes, p50 in ms",
        head=("engine", "starts", "import", "open", "first frame", "steady", "process to result")
        + ("open max", "first/steady", "peak MiB", "steady MiB"),
        rows=tuple(rows),
        note="Import: sonoedge above NumPy and OpenCV. Open: until the golden frames have passed.",
    )


def stage_table(runs: Sequence[Run]) -> TextTable:
    """Per stage."""
    rows = [
        (engine(r), *(_stage(r, f"{stage}_ms") for stage in STAGES))
        for r in runs
        if "engine_ms" in r.figures
    ]
    return TextTable(title="Stages, ms: p50 (p99)", head=("engine", *STAGES), rows=tuple(rows))


def _stage(run: Run, name: str) -> str:
    """The median, and the tail where the sample is large enough to know it."""
    summary = run.figures.get(name)
    tail = "" if summary is None or summary.p99 is None else quantile(run, name, "p99", 3)
    return quantile(run, name, "p50", 3) + (f" ({tail})" if tail else "")


def _percent(run: Run) -> str:
    value = run.overhead_percent
    return UNKNOWN if value is None else f"{value:.1f} %"
