"""The slowest layers of each profiled engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sonoedge_bench.document.run import Run
from sonoedge_bench.report.cells import engine, number
from sonoedge_bench.report.text_table import TextTable

MAX_ROWS: Final = 15
MAX_NAME: Final = 28


def layer_tables(runs: Sequence[Run]) -> Iterator[TextTable]:
    """One table per run that has a profile."""
    for run in runs:
        profile = run.profile
        if profile is None:
            continue
        total, rows = 0.0, []
        for layer in profile.layers[:MAX_ROWS]:
            total += layer.share
            rows.append(
                (
                    shortened(layer.module or layer.name),
                    layer.operator,
                    layer.kernel or "-",
                    number(layer.mean_ms, 3),
                    f"{layer.share:.1%}",
                    f"{total:.1%}",
                )
            )
        others = profile.layers[MAX_ROWS:]
        if others:
            ms, share = sum(o.mean_ms for o in others), sum(o.share for o in others)
            name = f"{len(others)} other layers"
            rows.append((name, "", "", number(ms, 3), f"{share:.1%}", f"{total + share:.1%}"))
        yield TextTable(
            title=f"Layers, {engine(run)}",
            head=("layer", "operator", "kernel", "ms", "share", "total"),
            rows=tuple(rows),
            text_columns=("operator", "kernel"),
            turns=False,
            note=f"Mean of {profile.inferences} profiled calls; the layers take "
            f"{number(profile.sum_ms, 3)} ms, the median call {number(profile.call_ms, 3)} ms. "
            "Profiling takes time itself: the figures above are of calls without it.",
        )


def shortened(name: str) -> str:
    """A name of bounded length: its end tells more than its beginning."""
    return name if len(name) <= MAX_NAME else "..." + name[3 - MAX_NAME :]
