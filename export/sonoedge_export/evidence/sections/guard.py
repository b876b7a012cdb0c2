"""How often the guard stopped what, and by which settings."""

from __future__ import annotations

from sonoedge_export.evidence import forms
from sonoedge_export.evidence.cells import Cell, Row, Section, Table, Value, facts
from sonoedge_export.evidence.document import Place
from sonoedge_export.evidence.inputs import Inputs
from sonoedge_export.evidence.sections.limits import failed_first, mark, met


def guard(inputs: Inputs) -> Section:
    """How often the guard stopped what, and by which settings."""
    settings = inputs.manifest / "guard"
    tables = [
        facts(
            "settings",
            "Settings of the bundle",
            [(name, place.cell(forms.scalar, null="off")) for name, place in settings.items()],
        )
    ]
    for document in inputs.of("guard"):
        root = document.root
        tables += [
            facts("measured", "Settings that were measured", _guard_settings(root, settings)),
            Table(
                name="rates",
                title="Rates",
                columns=("limit kept", "pictures", "number", "stopped", "least", "most", "reasons"),
                rows=failed_first(_rate(row) for row in (root / "rates").rows()),
            ),
        ]
    return Section(name="guard", title="Guard", tables=tuple(tables))


def _rate(row: Place) -> Row:
    limited = (row / "minimum").value is not None or (row / "maximum").value is not None
    return Row(
        cells=(
            met(row / "met") if limited else Value(
                text="not judged", value=None, source=(row / "minimum").source
            ),
            (row / "name").cell(forms.text),
            (row / "frames").cell(forms.integer),
            row.figure("share", forms.percent, n="frames"),
            (row / "minimum").cell(forms.percent, null="none"),
            (row / "maximum").cell(forms.percent, null="none"),
            (row / "reasons").cell(forms.words),
        ),
        mark=mark(row / "met") if limited else "",
    )  # fmt: skip


def _guard_settings(root: Place, bundle: Place) -> list[tuple[str, Cell]]:
    """The settings of a measurement that the bundle does not have; `frozen_after_ms` judges no
    single picture."""
    rows: list[tuple[str, Cell]] = []
    for name, place in (root / "settings").items():
        if name != "frozen_after_ms" and place.value != (bundle / name).value:
            rows.append((f"{name}, other than the bundle's", place.cell(forms.scalar, null="off")))
    if not rows:
        source = (root / "settings").source
        rows.append(("settings", Value(text="those of the bundle", value=True, source=source)))
    return rows
