"""Prune, straight down: search by milliseconds, cut and recover, save, measure again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from sonoedge.errors import PruningRefused
from sonoedge.settings import plain
from sonoedge_export.prune.bisect import refusal
from sonoedge_export.prune.blind import blind_warnings
from sonoedge_export.prune.find_widths import bench_beside_parent, find
from sonoedge_export.prune.job import Job
from sonoedge_export.prune.report import write_report
from sonoedge_export.prune.shrink import shrink
from sonoedge_export.prune.slim import comparable, load_slim, save_slim
from sonoedge_export.prune.slimmed_candidate import Candidate, macs


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pruned:
    """A pruning that reached its target.

    Attributes:
        network: the slim network, as read back from `weights`.
        weights: the .safetensors file; its description lies beside it.
        report: what report.json holds.
    """

    network: nn.Module
    weights: Path
    report: Mapping[str, Any]


def run(job: Job) -> Pruned:
    """Search, cut and recover, save, and measure what was written.

    Raises:
        PruningRefused: the target cannot be reached, or nothing is gained.
        InvalidSettings: what the folder remembers of an earlier run is damaged.
    """
    candidates = find(job) if job.settings.targeted else ()
    chosen = candidates[-1] if candidates else None
    slim, history = shrink(job, chosen.widths if chosen else {})
    weights = job.out / f"{job.name}-slim.safetensors"
    save_slim(slim, job.parent, weights, job.settings, history)
    slim = load_slim(job.parent, weights, job.settings)  # what is judged is what was written
    with job.stages.stage("measure what was written"):
        cut = chosen is not None or job.start is not None
        last = _measure(job, slim, chosen) if cut else None
        unpruned = job.accuracy.measure(job.parent, job.check)
        before = [c.before_recovery for c in candidates]
        report = {
            "name": job.name,
            "settings": comparable(job.settings),
            "parent": {
                "parameters": sum(p.numel() for p in job.parent.parameters()),
                "macs": macs(job.parent, job.example),
                "figures": unpruned,
            },
            "candidates": [plain(c) | {"speedup": c.speedup} for c in candidates],
            "pruned": {
                "weights": weights.name,
                "parameters": sum(p.numel() for p in slim.parameters()),
                "macs": macs(slim, job.example),
                "figures": job.accuracy.measure(slim, job.check),
                "latency_ms": dict(last.latency_ms) if last else {},
                "parent_ms": dict(last.parent_ms) if last else {},
                "speedup": last.speedup if last else None,
            },
            "history": history,
            "warnings": blind_warnings(unpruned, before, job.settings.importance),
        }
    write_report(report, job.out)
    return Pruned(network=slim, weights=weights, report=report)


def _measure(job: Job, slim: nn.Module, chosen: Candidate | None) -> Candidate:
    """The written network beside its parent; None is one that no search has chosen."""
    blocks, widths = (chosen.blocks, chosen.widths) if chosen else (0, {})
    with bench_beside_parent(job) as bench:
        last = bench.measure(slim, blocks=blocks, widths=widths, careful=3)
    if last.speedup < 1 + job.settings.smallest_gain:
        raise PruningRefused(refusal(last, job.settings))
    return last
