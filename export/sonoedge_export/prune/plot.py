"""Latency against accuracy, as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sonoedge.errors import MissingDependency

try:
    import matplotlib
except ModuleNotFoundError as error:
    if error.name != "matplotlib":
        raise
    raise MissingDependency(
        "the plot needs matplotlib; run: pip install 'sonoedge[compress]'"
    ) from error

matplotlib.use("Agg")
from matplotlib import pyplot as plt


def plot(report: Mapping[str, Any], file: Path) -> None:
    """One panel per variant: hollow before recovery, full for unpruned and recovered."""
    parent, pruned = report["parent"], report["pruned"]
    variants, names = list(pruned["latency_ms"]), list(pruned["figures"])
    figure, panels = plt.subplots(
        1, len(variants), figsize=(5 * len(variants), 3.6), layout="constrained", squeeze=False
    )
    for panel, variant in zip(panels[0], variants, strict=True):
        for number, name in enumerate(names):
            colour = f"C{number}"
            ends = [
                (pruned["parent_ms"][variant], parent["figures"][name]),
                (pruned["latency_ms"][variant], pruned["figures"][name]),
            ]
            panel.plot(*zip(*ends, strict=True), "o-", color=colour, label=name)
            cut = [
                (c["latency_ms"][variant], c["before_recovery"][name])
                for c in report["candidates"]
                if name in c["before_recovery"]
            ]
            if cut:
                panel.plot(*zip(*cut, strict=True), "o", mfc="none", color=colour)
        panel.set(title=variant, xlabel="median ms of one call", ylabel="Dice, AUROC")
        panel.grid(alpha=0.3)
    panels[0][0].legend(fontsize=8)
    figure.savefig(file, dpi=110)
    plt.close(figure)
