"""One measurement against another: ratios of medians with intervals, and a verdict for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sonoedge.errors import InvalidData, InvalidSettings
from sonoedge_bench.comparing.pairs import Pair, samples_of
from sonoedge_bench.machine.identity import differences, versions_apart
from sonoedge_bench.statistics import ratio_of_medians

# What is compared in each mode; the first is what --fail-over judges.
COMPARED: Final = {
    "closed": ("analyse_ms", "bare_ms", "around_ms", "cpu_ms"),
    "paced": ("age_ms", "engine_ms", "overhead_ms"),
    "soak": ("age_ms", "engine_ms", "overhead_ms"),
    "sweep": ("age_ms", "engine_ms", "overhead_ms"),
    "cold": ("open_ms", "import_ms", "first_frame_ms", "steady_ms", "process_ms"),
}

# Two runs of the same thing on one idle machine have medians that differ by so much
# (docs/how-to/benchmarks.md): an interval knows of one run, and nothing of the next.
REPEATABILITY: Final = 0.05
FEWEST: Final = 5  # samples on each side

Document = Mapping[str, Any]


def compared(
    before: Document, after: Document, *, fail_over: float | None = None, force: bool = False
) -> dict[str, Any]:
    """Compare; a ratio above 1 means that `after` is slower.

    Args:
        fail_over: the share, such as 0.1, by which the first figure of a run may be
            slower; where it is shown to be slower by more, `failures` says so.
        force: compare unlike machines, bundles or frames all the same.

    Raises:
        InvalidSettings: unlike machines or bundles without `force`, or unlike modes; the
            message says what differs.
        InvalidData: nothing can be compared.
    """
    warnings = unlike(before, after, force=force)
    same_frames = before["shown"].get("sha256") == after["shown"].get("sha256")
    rows = []
    for pair in _pairs(before, after):
        rows += [
            row
            for name in COMPARED[after["mode"]]
            if (row := _row(pair, name, same_frames)) is not None
        ]
    if not rows:
        raise InvalidData("nothing can be compared: too few samples on one side")
    failures = [
        f"{row['run']}: {row['figure']} is {row['ratio']:.3f} times the baseline's "
        f"({row['low']:.3f} to {row['high']:.3f}), allowed {1 + fail_over:.3f}"
        for row in rows
        if fail_over is not None
        and row["figure"] == COMPARED[after["mode"]][0]
        and row["verdict"] == "slower"
        and row["ratio"] > 1 + fail_over
    ]
    return {
        "mode": after["mode"],
        "fail_over": fail_over,
        "warnings": warnings,
        "rows": rows,
        "failures": failures,
    }


def verdict(low: float, high: float, ratio: float) -> str:
    """faster, slower, or "no difference shown": the interval holds 1, or it is within 5 %."""
    if low <= 1 <= high or abs(ratio - 1) <= REPEATABILITY:
        return "no difference shown"
    return "slower" if ratio > 1 else "faster"


def unlike(before: Document, after: Document, *, force: bool) -> list[str]:
    """What makes two measurements unlike, as far as it is forgiven.

    Args:
        after: of a run that is yet to be made its mode, bundle, machine and frames are enough.

    Raises:
        InvalidSettings: it is not forgiven; the message says what differs.
    """
    if before["mode"] != after["mode"]:
        raise InvalidSettings(
            f"one is of mode {before['mode']}, the other of mode {after['mode']}: "
            "they measure different things; measure both in one mode"
        )
    if after["mode"] not in COMPARED:
        raise InvalidData(f"there is no mode {after['mode']!r}")
    found = [f"machine: {each}" for each in differences(before["machine"], after["machine"])]
    if before["bundle"]["id"] != after["bundle"]["id"]:
        found.append(f"bundle: {before['bundle']['id']}, {after['bundle']['id']}")
    if found and not force:
        raise InvalidSettings(
            f"these are not alike: {'; '.join(found)}; compare them all the same with --force"
        )
    if before["shown"].get("sha256") != after["shown"].get("sha256"):
        found.append("frames: not the same, so that no frame can be paired with itself")
    versions = versions_apart(before["machine"], after["machine"])
    return found + [f"version of {each}" for each in versions] + _incomplete(before, after)


def _incomplete(before: Document, after: Document) -> list[str]:
    named = (("the first", before), ("the second", after))
    return [f"{name} is not complete: {d.get('ended')}" for name, d in named if d.get("ended")]


def _pairs(before: Document, after: Document) -> list[Pair]:
    """Runs of the same variant, threads, isolation and pace; or the only ones that there are."""
    by_key = {_key(run): run for run in before["runs"]}
    found = [
        Pair(name=run_name(run), before=by_key[_key(run)], after=run)
        for run in after["runs"]
        if _key(run) in by_key
    ]
    if found:
        return found
    if len(before["runs"]) == len(after["runs"]) == 1:
        one, other = before["runs"][0], after["runs"][0]
        return [Pair(name=f"{run_name(one)} -> {run_name(other)}", before=one, after=other)]
    have = [", ".join(run_name(run) for run in d["runs"]) or "nothing" for d in (before, after)]
    raise InvalidData(f"no run is in both: one has {have[0]}, the other {have[1]}")


def _row(pair: Pair, figure: str, same_frames: bool) -> dict[str, Any] | None:
    found = samples_of(pair, figure, same_frames)
    if found is None or min(len(found.before), len(found.after)) < FEWEST:
        return None
    if min(found.before) <= 0 or min(found.after) <= 0:
        return None  # an overhead around 0 has no ratio
    ratio, low, high = ratio_of_medians(found.before, found.after, paired=found.paired)
    return {
        "run": pair.name,
        "figure": figure,
        "paired": found.paired,
        "n": [len(found.before), len(found.after)],
        "before_p50": found.median_before,
        "after_p50": found.median_after,
        "ratio": round(ratio, 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "verdict": verdict(low, high, ratio),
    }


def _key(run: Mapping[str, Any]) -> tuple[Any, ...]:
    names = ("variant", "threads", "isolation", "spin", "keep_warm", "fps")
    return tuple(run.get(name) for name in names)


def run_name(run: Mapping[str, Any]) -> str:
    """Variant, threads, pace, and how it was driven."""
    pace = "" if run.get("fps") is None else f" {run['fps']:g} fps"
    ways = [run["isolation"]] if run.get("isolation") != "none" else []
    ways += [name for name in ("spin", "keep_warm") if run.get(name)]
    return " ".join([f"{run['variant']} {run['threads']} threads{pace}", *ways])
