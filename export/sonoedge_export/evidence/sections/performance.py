"""Accuracy on labelled frames, and what compression did to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sonoedge_export.evidence import forms
from sonoedge_export.evidence.cells import Cell, Mark, Row, Section, Table, facts, label
from sonoedge_export.evidence.document import Document, Place
from sonoedge_export.evidence.inputs import Inputs

# heading, figure, form, its interval, the samples that it is of
FIGURES: Final = (
    ("Dice", "dice_mean", forms.share, "dice_ci95", "frames_with_lesion"),
    ("AUROC", "malignancy_auroc", forms.share, "malignancy_auroc_ci95", "frames_with_lesion"),
    ("sensitivity", "sensitivity", forms.share, "sensitivity_ci95", "positive_frames"),
    ("specificity", "specificity", forms.share, "specificity_ci95", "negative_frames"),
    ("lesions found", "region_sensitivity", forms.share, None, "frames_with_lesion"),
    ("false regions per frame", "false_regions_per_frame", forms.share, None, "frames"),
    ("flags agree", "flag_agreement", forms.percent, None, "frames"),
)
COUNTS: Final = ("frames", "independent_samples", "not_analysed")
COLUMNS: Final = ("frames", "independent", "not analysed", *(row[0] for row in FIGURES))
NOTE: Final = (
    "Below each figure its 95 % interval and the frames that it is of; of fewer than 10 it is "
    '"too few". Flags agree: with the reference, on the same frames. Frames that were not '
    "analysed count against the device."
)
ORDER: Final[dict[str, Mark]] = {"undecided": "undecided", "fail": "fail", "pass": "pass"}


def performance(inputs: Inputs) -> Section:
    """The trained network and each variant, on each set, and by subgroup."""
    tables = []
    for document in inputs.of("verification"):
        root = document.root
        rows = [_row("trained network", root / "trained")]
        rows += [_row(name, place) for name, place in (root / "variants").items()]
        tables.append(_table("export", "At export", "variant", rows))
        groups = [_row(name, place) for name, place in (root / "subgroups").items()]
        tables.append(_table("export-subgroups", "At export, by subgroup", "subgroup", groups))
        tables.append(_intervals(document, "export-intervals", "Intervals at export"))
    for number, document in enumerate(inputs.of("verify"), 1):
        tables += _verified(document, number)
    return Section(
        name="performance",
        title="Performance",
        tables=tuple(tables),
        absent="no verification.json in the bundle, and no --verify",
    )


def gates(inputs: Inputs) -> Section:
    """Every gate of every variant, the undecided first, then the failed."""
    manifest = inputs.manifest
    limits = [(name, place.cell(forms.scalar)) for name, place in (manifest / "gates").items()]
    variants = (manifest / "variants").rows()
    answers = _answers((row, row / "metrics" / "gates") for row in variants)
    tables = [_gate_table("export", "At export", answers)]
    for number, document in enumerate(inputs.of("verify"), 1):
        rows = (document.root / "variants").rows()
        title = f"Verified on {(document.root / 'data').text()}"
        tables.append(
            _gate_table(f"verify-{number}", title, _answers((r, r / "gates") for r in rows))
        )
    left_out = [
        Row(cells=(label(name, place.source), place.cell(forms.text)), mark="fail")
        for name, place in (manifest / "lineage" / "left_out").items()
    ]
    return Section(
        name="gates",
        title="Compression: the gates",
        tables=(
            *tables,
            Table(
                name="left-out",
                title="Variants that were left out",
                columns=("variant", "why"),
                rows=tuple(left_out),
                empty=(manifest / "lineage" / "left_out").if_empty,
            ),
            facts("limits", "Limits, as the recipe stated them before the export", limits),
        ),
    )


def _row(name: str, place: Place) -> Row:
    return Row(cells=(label(name, place.source), *_figures(place)))


def _figures(place: Place) -> Iterator[Cell]:
    for count in COUNTS:
        yield (place / count).cell(forms.integer)
    for _, key, form, ci, n in FIGURES:
        yield place.figure(key, form, ci=ci, n=n)


def _table(name: str, title: str, first: str, rows: list[Row]) -> Table:
    return Table(name=name, title=title, columns=(first, *COLUMNS), rows=tuple(rows), note=NOTE)


def _verified(document: Document, number: int) -> Iterator[Table]:
    root = document.root
    split = (root / "split").value
    title = f"Verified on {(root / 'data').text()}" + (f", {split}" if split else "")
    rows, groups = [], []
    for row in (root / "variants").rows():
        variant = (row / "id").text()
        rows.append(_row(variant, row / "metrics"))
        groups += [_row(f"{variant}: {g}", p) for g, p in (row / "subgroups").items()]
    yield _table(f"verify-{number}", title, "variant", rows)
    yield _table(f"verify-{number}-subgroups", f"{title}, by subgroup", "subgroup", groups)
    yield _intervals(document, f"verify-{number}-intervals", f"{title}: frames and intervals")


def _intervals(document: Document, name: str, title: str) -> Table:
    root = document.root
    how = root / "intervals"
    rows: list[tuple[str, Cell]] = [
        ("how", (how / "method").cell(forms.text)),
        ("level", (how / "level").cell(forms.percent)),
        ("what is resampled", (how / "resampled").cell(forms.text)),
        ("rounds", (how / "rounds").cell(forms.integer)),
        ("seed", (how / "seed").cell(forms.integer)),
    ]
    if document.role == "verify":
        rows += [
            ("frames", (root / "frames").cell(forms.integer)),
            ("frames, SHA-256", (root / "data_sha256").cell(forms.digest)),
        ]
    return facts(name, title, rows)


def _answers(places: Iterator[tuple[Place, Place]]) -> tuple[Row, ...]:
    return open_first(
        gate_row(gates_of, gate, variant / "id")
        for variant, gates_of in places
        for gate, _ in gates_of.items()
    )


def gate_row(gates_of: Place, gate: str, subject: Place) -> Row:
    """One gate's answer with its figure and reason.

    Args:
        subject: whose answer it is.
    """
    place = gates_of / gate
    return Row(
        cells=(
            (place / "answer").cell(_answer),
            subject.cell(forms.text),
            label(gate, place.source),
            place.figure("measured", forms.number, ci="ci95"),
            (place / "limit").cell(forms.number),
            (place / "why").cell(forms.text),
        ),
        mark=ORDER.get((place / "answer").text(), "fail"),
    )


def open_first(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Undecided rows first, then failed ones."""
    order = list(ORDER.values())
    return tuple(sorted(rows, key=lambda row: order.index(row.mark)))


def _gate_table(name: str, title: str, rows: tuple[Row, ...]) -> Table:
    return Table(
        name=name,
        title=title,
        columns=("answer", "variant", "gate", "measured", "limit", "why"),
        rows=rows,
        note="Undecided: the figure holds its limit and its interval does not; it is no pass. "
        "The reference has no gates.",
    )


def _answer(value: object) -> str:
    return {"pass": "passed", "fail": "FAILED", "undecided": "UNDECIDED"}.get(
        forms.text(value), forms.text(value)
    )
