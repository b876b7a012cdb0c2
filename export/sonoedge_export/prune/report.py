"""A pruning's report: JSON for machines, Markdown for people, latency against accuracy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_report(report: Mapping[str, Any], folder: Path) -> None:
    """report.json, report.md, and pareto.png where candidates were timed and judged."""
    text = json.dumps(report, indent=1, allow_nan=False) + "\n"
    (folder / "report.json").write_text(text, encoding="utf-8")
    (folder / "report.md").write_text(markdown(report), encoding="utf-8")
    if report["candidates"] and report["pruned"]["figures"]:
        from sonoedge_export.prune.plot import plot

        plot(report, folder / "pareto.png")


def markdown(report: Mapping[str, Any]) -> str:
    """The Pareto table: the unpruned network, candidates before recovery, the result."""
    parent, pruned = report["parent"], report["pruned"]
    variants = list(pruned["latency_ms"])
    names = list(pruned["figures"])
    head = ["", "blocks gone", "M parameters", "GMAC"]
    head += [f"{v}, ms" for v in variants] + ["speed-up", *names]
    rows = [
        _row("unpruned", 0, parent, pruned["parent_ms"], 1.0, parent["figures"], variants, names)
    ]
    for c in sorted(report["candidates"], key=lambda c: int(c["blocks"])):
        figures = c["before_recovery"]
        rows.append(
            _row("cut", c["blocks"], c, c["latency_ms"], c["speedup"], figures, variants, names)
        )
    label = "cut and recovered" if report["settings"]["recover"] else "cut"
    removed = report["candidates"][-1]["blocks"] if report["candidates"] else 0
    speed, times = pruned["speedup"], pruned["latency_ms"]
    rows.append(
        _row(f"**{label}**", removed, pruned, times, speed, pruned["figures"], variants, names)
    )
    lines = [
        f"# {report['name']}, pruned",
        "",
        "Medians of one engine call, pruned and unpruned taking turns. Speed-up: on the variant "
        "that gained least. Figures of `cut` rows are before recovery, on some of the frames.",
        "",
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *rows,
        "",
    ]
    for warning in report["warnings"]:
        lines += [f"**Warning:** {warning}", ""]
    return "\n".join(lines)


def _row(  # noqa: PLR0917 - one for each cell, in the order of the table
    label: str,
    blocks: int,
    network: Mapping[str, Any],
    times: Mapping[str, float],
    speedup: float | None,
    figures: Mapping[str, float],
    variants: list[str],
    names: list[str],
) -> str:
    cells = [
        label,
        str(blocks),
        f"{network['parameters'] / 1e6:.3f}",
        f"{network['macs'] / 1e9:.3f}",
    ]
    cells += [f"{times[v]:.2f}" for v in variants]
    cells.append("-" if speedup is None else f"{speedup:.2f}")
    cells += [f"{figures[n]:.4f}" if n in figures else "-" for n in names]
    return f"| {' | '.join(cells)} |"
