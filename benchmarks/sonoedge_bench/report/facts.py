"""What a reader has to know before the figures: of what, on what, how, and what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sonoedge_bench.report.cells import engine, number

UNKNOWN: Final = "unknown"
BUSY: Final = 0.05  # cores that others may use of an idle machine


def facts(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and text, in the order to be read."""
    shown, m = document["shown"], document["machine"]
    sizes = ", ".join(f"{w} x {h}" for w, h in shown["sizes"])
    quota = "no quota" if m["quota"] is None else f"quota of {m['quota']:g} cores"
    packages = ", ".join(f"{k} {v}" for k, v in m["packages"].items() if v)
    rows = [
        ("bundle", document["bundle"]["id"]),
        ("mode", _mode(document)),
        ("frames", f"{shown['frames']} of {shown['name']}, {sizes}"),
        ("machine", f"{m['cpu'] or UNKNOWN}, {m['cores']} cores by affinity, {quota}"),
        ("instructions", " ".join(m["instructions"]) or UNKNOWN),
        ("versions", f"{packages}, Python {m['python']}, kernel {m['kernel']}"),
    ]
    if m.get("gpu") or m.get("model"):
        rows.append(("GPU, model", f"{m.get('gpu') or '-'}, {m.get('model') or '-'}"))
    rows += _conditions(document)
    rows += [(f"left out: {name}", why) for name, why in document["skipped"].items()]
    for run in document["runs"]:
        if run["facts"].get("engine_replaced"):
            told = f"{engine(run)}: {run['facts']['engine_replaced']} times"
            rows.append(("ENGINE REPLACED", told))
    if not document["complete"]:
        rows.append(("NOT COMPLETE", document["ended"]))
    return rows


def target_lines(document: Mapping[str, Any]) -> list[str]:
    """What is to be said of the target; empty where none was asked for."""
    found = document["target"]
    if found is None:
        return []
    if not found["is_one"]:
        return [
            f"These are NOT figures of {found['name']} ({found['title']}). This machine differs:",
            *(f"  {each}" for each in found["differences"]),
        ]
    lines = [f"Target {found['name']} ({found['title']}): this machine is one. Its budget:"]
    for row in found["limits"]:
        said = {True: "kept", False: "MISSED", None: f"not known: {row['why']}"}[row["met"]]
        value = number(row["value"])
        lines.append(
            f"  {row['variant']} {row['name']}: {value}, allowed {number(row['limit'])}: {said}"
        )
    return lines


def _mode(document: Mapping[str, Any]) -> str:
    s = document["settings"]
    kept = {"none": "in this process"}.get(s["isolation"], f"live session, {s['isolation']}")
    pace = ", ".join(f"{fps:g}" for fps in s["fps"])
    said = {
        "closed": f"closed: back to back, {s['frames']} frames each",
        "cold": f"cold: {s['repeats']} fresh processes each",
    }
    paced = f"{document['mode']}: frames arrive at {pace} per second"
    return f"{said.get(document['mode'], paced)}; {kept}"


def _conditions(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    before, after = document["conditions"]["before"], document["conditions"]["after"]
    m = document["machine"]
    clocks = [_mean(c["core_mhz"]) for c in (before, after)]
    warm = [max(c["temperatures_c"].values(), default=None) for c in (before, after)]
    load = [c["load"] for c in (before, after)]
    rows = [
        ("governor", f"{m['governor'] or UNKNOWN}, power mode {m['power_mode'] or UNKNOWN}"),
        (
            "before, after",
            f"{_both(clocks, 'MHz')}; {_both(warm, '°C')}; load {_both(load, '', 2)}",
        ),
    ]
    slowed = document["conditions"]["throttled"]
    seen = before["throttle_counts"] or before["temperatures_c"] or before["cpufreq"]
    told = ", ".join(slowed) if slowed else "none seen" if seen else "nothing here tells of it"
    rows.append(("THROTTLED" if slowed else "throttling", told))
    other, stolen = document["conditions"]["other_cores"], document["conditions"]["stolen_cores"]
    told = f"other processes used {number(other)} cores, other machines took {number(stolen)}"
    if max(other or 0.0, stolen or 0.0) > BUSY:
        rows.append(("OTHER WORK", f"{told}: these figures are not of an idle machine"))
    else:
        rows.append(("other work", told))
    rows.append(("energy", document["energy_sensor"] or "no sensor that can be read"))
    return rows


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _both(pair: list[float | None], unit: str, digits: int = 0) -> str:
    if pair[0] is None or pair[1] is None:
        return f"{unit} {UNKNOWN}".strip()
    return f"{pair[0]:.{digits}f}, {pair[1]:.{digits}f} {unit}".strip()
