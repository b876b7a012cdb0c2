"""What stands beside the network's answer: second opinions, certainty, clinical coefficients."""

from __future__ import annotations

from sonoedge_export.evidence import forms
from sonoedge_export.evidence.cells import Cell, Row, Section, Table, facts, label
from sonoedge_export.evidence.document import Place
from sonoedge_export.evidence.inputs import Inputs

NONE = "none: too few frames"  # every answer is "cannot say"
_SET = ("name", "split", "frames", "regions", "sha256")


def opinions(inputs: Inputs) -> Section:
    """Heads, what they were fitted on and gained; thresholds, and what they covered elsewhere."""
    m = inputs.manifest
    heads = list((m / "heads").rows())
    tables: list[Table] = []
    if heads:
        tables += [
            Table(
                name="heads",
                title="Second opinions",
                columns=("name", "kind", "measures", "model file", "SHA-256", "network, SHA-256")
                + ("threshold", "AUROC alone", "gain with the network", "fused", "speaks on"),
                rows=tuple(Row(cells=_head(m, head)) for head in heads),
                note="AUROC and gain: on the frames that chose it, the gain out of fold with its "
                "95 % interval. A head changes no flag.",
            ),
            Table(
                name="head-frames",
                title="Frames of the second opinions",
                columns=("head", "used to", *_SET),
                rows=tuple(
                    Row(cells=_frames(head, purpose, row))
                    for head in heads
                    for purpose, key in (("fit", "fitted_on"), ("choose", "chosen_on"))
                    for row in (head / key).rows()
                ),
            ),
        ]
    if (m / "certainty").value is not None:
        tables += _certainty(m / "certainty")
    clinical = [
        Row(cells=(label(name, place.source), *_coefficient(place)))
        for name, place in (m / "clinical").items()
    ]
    if clinical:
        tables.append(
            Table(
                name="clinical",
                title="Clinical coefficients, as the recipe states them",
                columns=("value", "centre", "per unit", "lowest", "highest", "source"),
                rows=tuple(clinical),
            )
        )
    return Section(
        name="opinions",
        title="Second opinions and certainty",
        tables=tuple(tables),
        absent="the bundle has no second opinion, no certainty and no clinical coefficient",
    )


def _head(m: Place, head: Place) -> tuple[Cell, ...]:
    model = (head / "model").text()
    return (
        (head / "name").cell(forms.text),
        (head / "kind").cell(forms.text),
        (head / "measures").cell(_count),
        (head / "model").cell(forms.text),
        (m / "files" / model / "sha256").cell(forms.digest),
        (head / "network_sha256").cell(forms.digest),
        (head / "threshold").cell(forms.number),
        (head / "auroc").cell(forms.share),
        (head / "gain").figure("mean", forms.number, ci="ci95"),
        (head / "fused").cell(forms.words, null="no"),
        (head / "variants").cell(forms.words),
    )


def _frames(head: Place, purpose: str, row: Place) -> tuple[Cell, ...]:
    return (
        (head / "name").cell(forms.text),
        label(purpose, row.source),
        (row / "name").cell(forms.text),
        (row / "split").cell(forms.text, null="all"),
        (row / "frames").cell(forms.integer),
        (row / "regions").cell(forms.integer),
        (row / "sha256").cell(forms.digest),
    )


def _certainty(place: Place) -> list[Table]:
    on = place / "calibrated_on"
    return [
        facts(
            "certainty",
            "Certainty: class-conditional prediction sets",
            [
                ("share of each class that may be excluded", (place / "alpha").cell(forms.number)),
                ("benign up to", (place / "benign_up_to").cell(forms.number, null=NONE)),
                ("malignant from", (place / "malignant_from").cell(forms.number, null=NONE)),
                ("calibrated on", (on / "name").cell(forms.text)),
                ("patients", (on / "patients").cell(forms.integer)),
                ("malignant", (on / "malignant").cell(forms.integer)),
                ("benign", (on / "benign").cell(forms.integer)),
                ("frames, SHA-256", (on / "sha256").cell(forms.digest)),
                ("scanners", (place / "devices").cell(forms.words)),
            ],
            "For frames like those calibrated on: another scanner or other patients break it.",
        ),
        Table(
            name="coverage",
            title="Coverage on other frames",
            columns=("frames", "malignant covered", "benign covered", "one answer", "wrong"),
            rows=tuple(
                Row(
                    cells=(
                        (row / "name").cell(forms.text),
                        row.figure("malignant_covered", forms.share, ci="malignant_ci95",
                                   n="malignant"),
                        row.figure("benign_covered", forms.share, ci="benign_ci95", n="benign"),
                        (row / "one_answer").cell(forms.percent),
                        (row / "wrong").cell(forms.percent),
                    )
                )
                for row in (place / "measured").rows()
            ),
        ),
    ]  # fmt: skip


def _coefficient(place: Place) -> tuple[Cell, ...]:
    numbers = ("centre", "per_unit", "lowest", "highest")
    return (
        *((place / key).cell(forms.number) for key in numbers),
        (place / "source").cell(forms.text),
    )


def _count(value: object) -> str:
    if not isinstance(value, list):
        raise TypeError("a list")
    return forms.integer(len(value))
