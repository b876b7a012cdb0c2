"""What a live session survived, and what a device's log told."""

from __future__ import annotations

from typing import Final

from sonoedge_export.evidence import forms
from sonoedge_export.evidence.cells import Mark, Row, Section, Table, facts, label
from sonoedge_export.evidence.document import Place
from sonoedge_export.evidence.inputs import Inputs
from sonoedge_export.evidence.sections.limits import failed_first, machine, mark, met

UNCHECKED: Final = ("seals_checked", "anchor_checked")
LACKING: Final = ("lost", "torn")
QUICK: Final = "quick run, which claims nothing"


def reliability(inputs: Inputs) -> Section:
    """What a live session survived."""
    tables = []
    for document in inputs.of("reliability"):
        root = document.root
        rows = [
            Row(
                cells=(
                    met(figure / "met"),
                    label(part, figures.source),
                    (figure / "name").cell(forms.text),
                    (figure / "value").cell(forms.number),
                    (figure / "unit").cell(forms.remark),
                    (figure / "limit").cell(forms.number, null="none"),
                ),
                mark=mark(figure / "met"),
            )
            for part, figures in (root / "parts").items()
            for figure in figures.rows()
        ]
        tables += [
            facts(
                "machine",
                "Machine",
                [
                    (QUICK, (root / "quick").cell(forms.yes_no)),
                    *machine(root / "machine"),
                ],
                marks={} if (root / "quick").value is False else {QUICK: "undecided"},
            ),
            Table(
                name="figures",
                title="Figures",
                columns=("limit kept", "part", "figure", "value", "unit", "limit"),
                rows=failed_first(rows),
            ),
        ]
    return Section(
        name="reliability", title="Reliability", tables=tuple(tables), absent="no --reliability"
    )


def audit(inputs: Inputs) -> Section:
    """What the check of a device's log told."""
    tables = [
        facts(
            "verified",
            "Audit log, whose chain was checked",
            [
                (name, place.cell(forms.remark if place.value == "" else forms.scalar, null="none"))
                for name, place in document.root.items()
            ],
            "Without a key the seals were not checked; without an anchor a cut end is not seen.",
            marks={name: _undecided(place) for name, place in document.root.items()},
        )
        for document in inputs.of("audit")
    ]
    return Section(name="audit", title="Audit log", tables=tuple(tables), absent="no --audit")


def _undecided(place: Place) -> Mark:
    """What the check could not say, and what the log itself lacks."""
    unchecked = place.path[-1] in UNCHECKED and place.value is False
    lacking = place.path[-1] in LACKING and place.value != 0
    return "undecided" if unchecked or lacking else ""
