"""Benchmarks: each with its machine, its runs, and the budget of its target."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sonoedge_export.evidence import forms
from sonoedge_export.evidence.cells import (
    Cell,
    NotProvided,
    Row,
    Section,
    Source,
    Table,
    Value,
    facts,
)
from sonoedge_export.evidence.document import Document, Place
from sonoedge_export.evidence.inputs import Inputs
from sonoedge_export.evidence.sections.limits import fail_if, failed_first, machine, mark, met

# mode: the figure that a user of it waits for
MAIN_FIGURE: Final = {
    "closed": "analyse_ms",
    "paced": "age_ms",
    "soak": "age_ms",
    "sweep": "age_ms",
    "cold": "open_ms",
}
QUANTILES: Final = ("p50", "p90", "p99", "p999")


def latency(inputs: Inputs) -> Section:
    """Each benchmark: its machine, its runs, its target's budget."""
    tables: list[Table] = []
    for number, document in enumerate(inputs.of("bench"), 1):
        tables += _bench(document, number)
    return Section(
        name="latency", title="Latency by target", tables=tuple(tables), absent="no --bench"
    )


def _bench(document: Document, number: int) -> Iterator[Table]:
    root = document.root
    mode = (root / "mode").text()
    figure = MAIN_FIGURE.get(mode, "analyse_ms")
    yield facts(
        f"{number}-conditions",
        f"{document.name}: machine and conditions",
        [
            ("mode", (root / "mode").cell(forms.text)),
            ("complete", (root / "complete").cell(forms.yes_no)),
            ("target", (root / "target" / "name").cell(forms.text)),
            ("this machine is the target", (root / "target" / "matches").cell(forms.yes_no)),
            *machine(root / "machine"),
            ("frames", (root / "frames" / "name").cell(forms.text)),
            ("frames, SHA-256", (root / "frames" / "sha256").cell(forms.digest)),
            ("signs of throttling", (root / "conditions" / "throttling").cell(forms.words)),
            ("cores taken by other work",
             (root / "conditions" / "other_work" / "other_cores").cell(forms.number)),
        ],
        marks={
            "complete": fail_if((root / "complete").value is False),
            "this machine is the target": fail_if((root / "target" / "matches").value is False),
        },
    )  # fmt: skip
    yield Table(
        name=f"{number}-runs",
        title=f"{document.name}: {figure.removesuffix('_ms')}, ms",
        columns=("variant", "threads", "fps", "deadline ms", *QUANTILES, "max", "submitted")
        + ("analysed", "late", "lost", "counts add up"),
        rows=tuple(_run(row, figure) for row in (root / "runs").rows()),
        note="Quantiles with their 95 % intervals; one that the sample is too small for is not "
        "provided.",
    )
    limits = root / "target" / "limits"
    yield Table(
        name=f"{number}-budget",
        title=f"{document.name}: budget of the target",
        columns=("limit kept", "variant", "limit", "value", "most", "reason"),
        rows=failed_first(
            Row(
                cells=(
                    met(row / "met"),
                    (row / "variant").cell(forms.text),
                    (row / "name").cell(forms.text),
                    (row / "value").cell(forms.number),
                    (row / "limit").cell(forms.number),
                    (row / "reason").cell(forms.remark),
                ),
                mark=mark(row / "met"),
            )
            for row in limits.rows()
        ),
        empty="no target was named" if (root / "target").is_null else limits.if_empty,
    )


def _run(row: Place, figure: str) -> Row:
    summary, outcomes = row / "figures" / figure, row / "outcomes"
    balanced = (outcomes / "balanced").cell(forms.yes_no)
    return Row(
        cells=(
            (row / "variant").cell(forms.text),
            (row / "threads").cell(forms.integer),
            (row / "fps").cell(forms.number, null="back to back"),
            (row / "deadline_ms").cell(forms.number, null="none"),
            *(_quantile(summary / name) for name in QUANTILES),
            (summary / "max").cell(forms.number),
            (outcomes / "submitted").cell(forms.integer),
            (outcomes / "analysed").cell(forms.integer),
            (outcomes / "late").cell(forms.integer, null="no deadline"),
            (outcomes / "lost").cell(forms.integer, null="no deadline"),
            balanced,
        ),
        mark=fail_if((outcomes / "balanced").value is False),
    )


def _quantile(place: Place) -> Cell:
    cell = (place / "value").cell(forms.number)
    if isinstance(cell, NotProvided):
        return cell
    keys = tuple((place / key).key for key in ("value", "low", "high"))
    low, high = ((place / end).cell(forms.number).text for end in ("low", "high"))
    return Value(
        text=cell.text,
        value=place.value["value"],
        source=Source(file=place.document.name, keys=keys),
        detail=f"{low} to {high}",
    )
