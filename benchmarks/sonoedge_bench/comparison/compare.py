"""One measurement against another: ratios of medians with intervals, and a verdict for each."""

from __future__ import annotations

from typing import Final

from sonoedge.errors import InvalidData, InvalidSettings
from sonoedge_bench.comparison.pairs import Pair, samples_of
from sonoedge_bench.document import Document
from sonoedge_bench.document.comparison import Comparison, ComparisonRow, Mode, Verdict
from sonoedge_bench.document.document import Identity
from sonoedge_bench.document.run import Run
from sonoedge_bench.machine.identity import differences, version_differences
from sonoedge_bench.statistics import ratio_of_medians

# What is compared in each mode; the first that both runs have is what --fail-over judges.
COMPARED: Final[dict[Mode, tuple[str, ...]]] = {
    "closed": ("analyse_ms", "bare_ms", "non_engine_ms", "cpu_ms"),
    "paced": ("age_ms", "engine_ms", "overhead_ms"),
    "beside": ("age_ms", "engine_ms", "overhead_ms"),
    "soak": ("age_ms", "engine_ms", "overhead_ms"),
    "sweep": ("age_ms", "engine_ms", "overhead_ms"),
    "cold": ("open_ms", "import_ms", "first_frame_ms", "steady_ms", "process_ms"),
}

# Two runs of the same thing on one idle machine have medians that differ by so much
# (docs/how-to/benchmarks.md): an interval knows of one run, and nothing of the next.
REPEATABILITY: Final = 0.05
MIN_SAMPLES: Final = 5  # on each side


def compare(
    before: Document, after: Document, *, fail_over: float | None = None, force: bool = False
) -> Comparison:
    """Compare; a ratio above 1 means that `after` is slower.

    Args:
        fail_over: the share, such as 0.1, by which the first figure of a run may be
            slower; where it is shown to be slower by more, `failures` says so.
        force: compare unlike machines, models or frames all the same.

    Raises:
        InvalidSettings: unlike machines or models without `force`, or unlike modes; the
            message says what differs.
        InvalidData: nothing can be compared.
    """
    warnings = unlike(before.identity, after.identity, force=force)
    for side, document in (("first", before), ("second", after)):
        if document.stop_reason:
            warnings.append(f"the {side} is not complete: {document.stop_reason}")
    same_frames = before.frames.sha256 == after.frames.sha256
    figures = COMPARED[after.mode]
    rows, failures = [], []
    for pair in _pairs(before, after):
        results = [r for figure in figures if (r := _row(pair, figure, same_frames)) is not None]
        rows += results
        failures += [
            f"{row.run}: {row.figure} is {row.ratio:.3f} times the baseline's "
            f"({row.low:.3f} to {row.high:.3f}), allowed {1 + fail_over:.3f}"
            for row in results[:1]
            if fail_over is not None and row.verdict == "slower" and row.ratio > 1 + fail_over
        ]
    if not rows:
        raise InvalidData("nothing can be compared: too few samples on one side")
    return Comparison(
        mode=after.mode,
        fail_over=fail_over,
        warnings=tuple(warnings),
        failures=tuple(failures),
        rows=tuple(rows),
    )


def verdict(low: float, high: float, ratio: float) -> Verdict:
    """faster, slower, or "no difference shown": the interval holds 1, or it is within 5 %."""
    if low <= 1 <= high or abs(ratio - 1) <= REPEATABILITY:
        return "no difference shown"
    return "slower" if ratio > 1 else "faster"


def unlike(before: Identity, after: Identity, *, force: bool) -> list[str]:
    """What makes two measurements unlike, as far as it is forgiven.

    Raises:
        InvalidSettings: it is not forgiven; the message says what differs.
    """
    if before.mode != after.mode:
        raise InvalidSettings(
            f"one is of mode {before.mode}, the other of mode {after.mode}: "
            "they measure different things; measure both in one mode"
        )
    warnings = [f"machine: {text}" for text in differences(before.machine, after.machine)]
    if before.model_id != after.model_id:
        warnings.append(f"model: {before.model_id}, {after.model_id}")
    if warnings and not force:
        raise InvalidSettings(
            f"these are not alike: {'; '.join(warnings)}; compare them all the same with --force"
        )
    if before.frames_sha256 != after.frames_sha256:
        warnings.append("frames: not the same, so that no frame can be paired with itself")
    versions = version_differences(before.machine, after.machine)
    return warnings + [f"version of {text}" for text in versions]


def _pairs(before: Document, after: Document) -> list[Pair]:
    """Runs of the same variant, threads, isolation and pace; or the only ones that there are."""
    by_key = {_key(run): run for run in before.runs}
    pairs = [
        Pair(name=run_name(run), before=by_key[_key(run)], after=run)
        for run in after.runs
        if _key(run) in by_key
    ]
    if pairs:
        return pairs
    if len(before.runs) == len(after.runs) == 1:
        first, second = before.runs[0], after.runs[0]
        name = f"{run_name(first)} -> {run_name(second)}"
        return [Pair(name=name, before=first, after=second)]
    names = [", ".join(run_name(run) for run in d.runs) or "nothing" for d in (before, after)]
    raise InvalidData(f"no run is in both: one has {names[0]}, the other {names[1]}")


def _row(pair: Pair, figure: str, same_frames: bool) -> ComparisonRow | None:
    samples = samples_of(pair, figure, same_frames)
    if samples is None or min(len(samples.before), len(samples.after)) < MIN_SAMPLES:
        return None
    if min(samples.before) <= 0 or min(samples.after) <= 0:
        return None  # an overhead around 0 has no ratio
    ratio, low, high = ratio_of_medians(samples.before, samples.after, paired=samples.paired)
    return ComparisonRow(
        run=pair.name,
        figure=figure,
        paired=samples.paired,
        n=(len(samples.before), len(samples.after)),
        before_p50=samples.median_before,
        after_p50=samples.median_after,
        ratio=round(ratio, 4),
        low=round(low, 4),
        high=round(high, 4),
        verdict=verdict(low, high, ratio),
    )


def _key(run: Run) -> tuple[object, ...]:
    driven = (run.spin, run.keep_warm, run.placement)
    return (run.variant, run.threads, run.isolation, *driven, run.fps)


def run_name(run: Run) -> str:
    """Variant, threads, pace, and how it was driven."""
    pace = "" if run.fps is None else f" {run.fps:g} fps"
    flags: list[str] = [] if run.isolation == "none" else [run.isolation]
    flags += [name for name in ("spin", "keep_warm") if getattr(run, name)]
    flags += ["pinned"] if run.placement == "pinned" else []
    return " ".join([f"{run.variant} {run.threads} threads{pace}", *flags])
