"""Prune, straight down: search by milliseconds, cut and recover, save, measure again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from sonoedge.errors import PruningRefused
from sonoedge.settings import plain
from sonoedge_export.progress import Stages
from sonoedge_export.prune.accuracy import accuracy
from sonoedge_export.prune.bisect import refusal
from sonoedge_export.prune.engines import engines
from sonoedge_export.prune.find_widths import beside_parent, find
from sonoedge_export.prune.job import Job, begin
from sonoedge_export.prune.report import write_report
from sonoedge_export.prune.shrink import shrink
from sonoedge_export.prune.slim import comparable, load_slim, save_slim
from sonoedge_export.prune.slimmed_candidate import Candidate, Open, Timer, macs
from sonoedge_export.recipe.recipe import Recipe


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


def prune(
    recipe: Recipe,
    out: Path,
    stages: Stages,
    *,
    open: Open | None = None,
    timer: Timer | None = None,
) -> Pruned:
    """Prune the recipe's network into a folder; the same folder again goes on.

    Args:
        open: a variant's engine over a graph; None takes the engines of this machine.
        timer: gives each engine's median milliseconds; None times them here.

    Raises:
        PruningRefused: the target cannot be reached, or nothing is gained.
        InvalidRecipe, InvalidSettings, InvalidNetwork, InvalidData: the input cannot be used.
    """
    # Denormal numbers make a CPU many times slower. torch's threads are set so when they are
    # made, so this comes first; the caller's own arithmetic is left as it was.
    torch.set_flush_denormal(True)
    try:
        return _prune(begin(recipe, out, stages), open or engines(recipe), timer)
    finally:
        torch.set_flush_denormal(False)


def _prune(job: Job, open: Open, timer: Timer | None) -> Pruned:
    recipe, out = job.recipe, job.out
    tried = find(job, open=open, timer=timer) if job.settings.targeted else []
    slim, history = shrink(job, tried[-1].widths if tried else {})
    weights = out / f"{recipe.name}-slim.safetensors"
    save_slim(slim, job.parent, weights, job.settings, history)
    slim = load_slim(job.parent, weights, job.settings)  # what is judged is what was written
    with job.stages.stage("measure what was written"):
        last = _measure(job, slim, tried, open, timer) if tried else None
        report = {
            "name": recipe.name,
            "settings": comparable(job.settings),
            "parent": {
                "parameters": sum(p.numel() for p in job.parent.parameters()),
                "macs": macs(job.parent, job.example),
                "figures": accuracy(recipe, job.parent, job.check),
            },
            "candidates": [plain(c) | {"speedup": c.speedup} for c in tried],
            "pruned": {
                "weights": weights.name,
                "parameters": sum(p.numel() for p in slim.parameters()),
                "macs": macs(slim, job.example),
                "figures": accuracy(recipe, slim, job.check),
                "latency_ms": dict(last.latency_ms) if last else {},
                "parent_ms": dict(last.parent_ms) if last else {},
                "speedup": last.speedup if last else None,
            },
            "history": history,
        }
    write_report(report, out)
    return Pruned(network=slim, weights=weights, report=report)


def _measure(
    job: Job, slim: nn.Module, tried: list[Candidate], open: Open, timer: Timer | None
) -> Candidate:
    chosen = tried[-1]
    with beside_parent(job, open, timer) as bench:
        last = bench.measure(slim, blocks=chosen.blocks, widths=chosen.widths, careful=3)
    if last.speedup < 1 + job.settings.smallest_gain:
        raise PruningRefused(refusal(last, job.settings))
    return last
