"""The tables of a document: one list, shown on the terminal, in Markdown and in HTML."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sonoedge_bench.document import Document
from sonoedge_bench.document.run import Run
from sonoedge_bench.report.balance import cost, outcomes, soak
from sonoedge_bench.report.latency import bare, closed, cold, paced, stage_table, swept
from sonoedge_bench.report.layers import layer_tables
from sonoedge_bench.report.text_table import TextTable

TABLES: Final[dict[str, tuple[Callable[[Sequence[Run]], TextTable], ...]]] = {
    "closed": (closed, stage_table, cost),
    "paced": (paced, outcomes, stage_table, cost),
    "beside": (paced, outcomes, stage_table, cost),
    "soak": (paced, outcomes, soak, stage_table, cost),
    "sweep": (swept, outcomes, stage_table),
    "cold": (cold,),
}


def tables(document: Document) -> list[TextTable]:
    """Those that this mode has, in the order to be read."""
    makers = (bare, cost) if document.model.kind == "graph" else TABLES[document.mode]
    candidates = [*(make(document.runs) for make in makers), *layer_tables(document.runs)]
    return [table for table in candidates if table.rows]
