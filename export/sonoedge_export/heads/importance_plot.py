"""What a head leans on, as a picture beside its table."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final

from sonoedge.errors import MissingDependency
from sonoedge.install import install_command
from sonoedge_export.heads.importance import REPEATS, Importance

try:
    from matplotlib.figure import Figure
except ModuleNotFoundError as error:
    if error.name != "matplotlib":
        raise
    raise MissingDependency(
        f"importance is drawn by matplotlib; run: {install_command('export', 'heads')}"
    ) from error

MOST_MEASURES: Final = 15
COLOUR: Final = "#4477aa"


def importance_plot(
    name: str, by_measure: Sequence[Importance], by_group: Sequence[Importance]
) -> bytes:
    """A PNG: bars of AUROC lost, groups above and the first measures below, on one scale.

    Whiskers are one standard deviation over the repeats: what lies within them is noise.

    Args:
        name: the head's.
        by_measure, by_group: as `importance` gives them, most important first.
    """
    shown = by_measure[:MOST_MEASURES]
    heights = (len(by_group), len(shown))
    figure = Figure(figsize=(7, 1.6 + 0.24 * sum(heights)), layout="constrained")
    axes = figure.subplots(2, 1, sharex=True, height_ratios=heights)
    _bars(axes[0], by_group, f"{name}: groups of measures, each shuffled whole")
    _bars(axes[1], shown, f"single measures, the first {len(shown)} of {len(by_measure)}")
    axes[1].set_xlabel(f"AUROC lost where it is shuffled, mean and sd of {REPEATS}")
    made = io.BytesIO()
    # Without the library's own name and version, the same figures give the same bytes.
    figure.savefig(made, format="png", dpi=110, metadata={"Software": None})
    return made.getvalue()


def _bars(axes: Any, rows: Sequence[Importance], title: str) -> None:
    axes.barh(
        [row.name for row in rows],
        [row.mean for row in rows],
        xerr=[row.sd for row in rows],
        color=COLOUR,
        ecolor="#333333",
        capsize=2,
    )
    axes.invert_yaxis()
    axes.axvline(0, color="#333333", linewidth=0.8)
    axes.set_title(title, fontsize=9, loc="left")
    axes.tick_params(labelsize=8)
