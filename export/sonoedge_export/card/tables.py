"""A model card's figures as rows of Markdown tables."""

from __future__ import annotations

from typing import Final

from sonoedge_export.card.measurement import FIGURES, Figure, Measurement

# The figures of one network on sets of frames, in the order of their columns.
ACCURACY: Final = (
    "dice_mean",
    "malignancy_auroc",
    "region_sensitivity",
    "false_regions_per_frame",
    "sensitivity",
    "specificity",
)
HEAD: Final = (
    f"| frames | n | {' | '.join(FIGURES[key] for key in ACCURACY)} |\n"
    f"|---|---|{'---|' * len(ACCURACY)}"
)


def accuracy_row(measured: Measurement) -> str:
    """One row below `HEAD`."""
    cells = [cell(measured.figures.get(key)) for key in ACCURACY]
    frames = "-" if measured.frames is None else f"{measured.frames}"
    return f"| {measured.name} | {frames} | {' | '.join(cells)} |"


def cell(figure: Figure | None) -> str:
    """A figure with its interval in brackets; "-" where there is none."""
    if figure is None or figure.value is None:
        return "-"
    tail = "" if figure.ci95 is None else f" [{figure.ci95[0]:.3f}, {figure.ci95[1]:.3f}]"
    return f"{figure.value:.3f}{tail}"
