"""Limits that a document says are kept or not, and the machine that was measured."""

from __future__ import annotations

from collections.abc import Iterable

from sonoedge_export.evidence import forms
from sonoedge_export.evidence.cells import Cell, Mark, NotProvided, Row, Value
from sonoedge_export.evidence.document import Place


def met(place: Place) -> Cell:
    """ "kept", "NOT KEPT", or that nobody can say."""
    value = place.value
    if value is None and not place.is_null:
        return NotProvided(source=place.source)
    if value is not None and not isinstance(value, bool):
        place.cell(forms.yes_no)  # refuses it
    words = {True: "kept", False: "NOT KEPT", None: "not judged"}
    return Value(text=words[value], value=value, source=place.source)


def mark(place: Place) -> Mark:
    return {True: "pass", False: "fail"}.get(place.value, "")  # type: ignore[return-value]


def fail_if(bad: bool) -> Mark:
    return "fail" if bad else ""


def failed_first(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: row.mark != "fail"))


def machine(place: Place) -> list[tuple[str, Cell]]:
    return [
        ("processor", (place / "cpu").cell(forms.text)),
        ("cores", (place / "cores").cell(forms.integer)),
        ("instructions", (place / "instructions").cell(forms.words)),
        ("GPU", (place / "gpu").cell(forms.text)),
        ("kernel", (place / "kernel").cell(forms.text)),
        ("packages", (place / "packages").cell(forms.words)),
    ]
