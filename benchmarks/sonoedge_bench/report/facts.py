"""What a reader has to know before the figures: of what, on what, how, and what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sonoedge_bench.document import Document
from sonoedge_bench.machine.other_work import BUSY
from sonoedge_bench.report.cells import engine, number

UNKNOWN: Final = "unknown"


def facts(document: Document) -> list[tuple[str, str]]:
    """Name and text, in the order to be read; names in capitals are warnings."""
    frames, m = document.frames, document.machine
    sizes = ", ".join(f"{w} x {h}" for w, h in frames.sizes)
    quota = "no quota" if m.quota is None else f"quota of {m.quota:g} cores"
    packages = ", ".join(f"{k} {v}" for k, v in m.packages.items() if v)
    rows = [
        (document.model.kind, document.model.id),
        ("mode", _mode(document)),
        ("frames", f"{frames.count} of {frames.name}, {sizes}"),
        ("machine", f"{m.cpu or UNKNOWN}, {m.cores} cores by affinity, {quota}"),
        ("instructions", " ".join(m.instructions) or UNKNOWN),
        ("versions", f"{packages}, Python {m.python}, kernel {m.kernel}"),
    ]
    if m.gpu or m.model:
        rows.append(("GPU, model", f"{m.gpu or '-'}, {m.model or '-'}"))
    rows += _conditions(document)
    rows += [(f"left out: {name}", reason) for name, reason in document.skipped.items()]
    rows += [
        ("ENGINE REPLACED", f"{engine(run)}: {run.engine_restarts} times")
        for run in document.runs
        if run.engine_restarts
    ]
    if not document.complete:
        rows.append(("NOT COMPLETE", document.stop_reason))
    return rows


def target_lines(document: Document) -> list[str]:
    """What is to be said of the target; empty where none was given."""
    target = document.target
    if target is None:
        return []
    if not target.matches:
        return [
            f"These are NOT figures of {target.name} ({target.title}). This machine differs:",
            *(f"  {text}" for text in target.differences),
        ]
    lines = [f"Target {target.name} ({target.title}): this machine is one. Its budget:"]
    for row in target.limits:
        verdict = {True: "kept", False: "MISSED", None: f"not known: {row.reason}"}[row.met]
        value, limit = number(row.value), number(row.limit)
        lines.append(f"  {row.variant} {row.name}: {value}, allowed {limit}: {verdict}")
    return lines


def _mode(document: Document) -> str:
    s = document.settings
    driven = "in this process" if s.isolation == "none" else f"live session, {s.isolation}"
    if document.mode == "closed":
        return f"closed: back to back, {s.frames} frames each; {driven}"
    if document.mode == "cold":
        return f"cold: {s.repeats} fresh processes each; {driven}"
    pace = ", ".join(f"{fps:g}" for fps in s.fps)
    return f"{document.mode}: frames arrive at {pace} per second; {driven}"


def _conditions(document: Document) -> list[tuple[str, str]]:
    conditions, m = document.conditions, document.machine
    before, after = conditions.before, conditions.after
    clocks = [_mean(state.core_mhz) for state in (before, after)]
    hottest = [max(state.temperatures_c.values(), default=None) for state in (before, after)]
    load = [state.load for state in (before, after)]
    rows = [
        ("governor", f"{m.governor or UNKNOWN}, power mode {m.power_mode or UNKNOWN}"),
        (
            "before, after",
            f"{_pair(clocks, 'MHz')}; {_pair(hottest, '°C')}; load {_pair(load, '', 2)}",
        ),
    ]
    observable = before.throttle_counts or before.temperatures_c or before.clock_domains
    if conditions.throttling:
        rows.append(("THROTTLED", ", ".join(conditions.throttling)))
    else:
        rows.append(("throttling", "none seen" if observable else "this machine does not tell"))
    other, stolen = conditions.other_work.other_cores, conditions.other_work.stolen_cores
    text = f"other processes used {number(other)} cores, other machines took {number(stolen)}"
    if max(other or 0.0, stolen or 0.0) > BUSY:
        rows.append(("OTHER WORK", f"{text}: these are not figures of an idle machine"))
    else:
        rows.append(("other work", text))
    rows.append(("energy", document.energy_sensor or "no sensor that can be read"))
    return rows


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _pair(values: Sequence[float | None], unit: str, digits: int = 1) -> str:
    before, after = values
    if before is None or after is None:
        return f"{unit} {UNKNOWN}".strip()
    return f"{before:.{digits}f}, {after:.{digits}f} {unit}".strip()
