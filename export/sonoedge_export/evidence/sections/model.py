"""What the bundle is, what it is for, and what it was made from."""

from __future__ import annotations

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
from sonoedge_export.evidence.document import Place
from sonoedge_export.evidence.inputs import Inputs


def identity(inputs: Inputs) -> Section:
    """Which bundle, and who vouches for it."""
    m, bundle = inputs.manifest, inputs.bundle
    file = m.document.name
    signed = Source(file="manifest.dsse.json", keys=("signatures",))
    return Section(
        name="identity",
        title="Bundle and intended use",
        tables=(
            facts(
                "bundle",
                "Identity",
                [
                    ("bundle", (m / "bundle_id").cell(forms.text)),
                    ("name", (m / "name").cell(forms.text)),
                    ("version", (m / "version").cell(forms.text)),
                    ("created", (m / "created").cell(forms.text)),
                    ("security version", (m / "security_version").cell(forms.integer)),
                    (
                        "manifest, SHA-256",
                        _value(bundle.manifest_sha256, Source(file=file, keys=())),
                    ),
                    ("signature", _value(bundle.vouched.describe(), signed)),
                ],
            ),
            facts(
                "use",
                "Intended use",
                [
                    ("intended use", (m / "intended_use").cell(forms.text)),
                    ("task", (m / "task").cell(forms.text)),
                    ("labels", (m / "postprocess" / "labels").cell(forms.words)),
                    ("labels that are flagged", (m / "postprocess" / "positive").cell(forms.words)),
                    ("label for other pictures", _out_of_scope(m)),
                    ("users", _stated(m / "card" / "users", forms.text)),
                    ("contraindications", _stated(m / "card" / "contraindications", forms.words)),
                    ("limitations", _stated(m / "card" / "limitations", forms.words)),
                    ("hardware", _stated(m / "card" / "hardware", forms.text)),
                    ("supplier", _stated(m / "card" / "supplier", forms.text)),
                    ("probes allowed", (m / "guard" / "probes").cell(forms.words, null="any")),
                    ("presets allowed", (m / "guard" / "presets").cell(forms.words, null="any")),
                ],
                "Users to supplier are the recipe's own words, [card], which nothing checked.",
            ),
        ),
    )


def model(inputs: Inputs) -> Section:
    """The network, its tensors, its variants, its tools."""
    m = inputs.manifest
    lineage, pre = m / "lineage", m / "preprocess"
    tensors = [
        Row(cells=tuple((row / key).cell(form) for key, form in _TENSOR))
        for kind in ("inputs", "outputs")
        for row in (m / kind).rows()
    ]
    variants = [Row(cells=_variant(m, row)) for row in (m / "variants").rows()]
    tools = [
        Row(cells=(_value(name, place.source), place.cell(forms.text)))
        for name, place in (lineage / "tools").items()
    ]
    return Section(
        name="model",
        title="Model",
        tables=(
            facts(
                "network",
                "Network and preprocessing",
                [
                    ("network", (lineage / "network").cell(forms.text)),
                    ("parameters", (lineage / "parameters").cell(forms.integer)),
                    ("weights, SHA-256", (lineage / "weights_sha256").cell(forms.digest)),
                    ("architecture, as stated", _stated(m / "card" / "architecture", forms.text)),
                    ("weights' licence", _stated(m / "card" / "weights_licence", forms.text)),
                    ("input height, px", (pre / "height").cell(forms.integer)),
                    ("input width, px", (pre / "width").cell(forms.integer)),
                    ("resize", (pre / "resize").cell(forms.text)),
                    ("padding, grey level", (pre / "pad_value").cell(forms.integer)),
                    ("region of interest", (pre / "roi").cell(forms.scalar, null="whole frame")),
                    ("grey map", (pre / "grey_map").cell(_length, null="none")),
                ],
            ),
            Table(
                name="tensors",
                title="Tensors",
                columns=("name", "type", "shape"),
                rows=tuple(tensors),
            ),
            Table(
                name="variants",
                title="Variants",
                columns=("variant", "engine", "precision", "model file", "SHA-256", "bytes")
                + ("second file, SHA-256", "map tolerance, levels", "probability tolerance"),
                rows=tuple(variants),
                note="Tolerance: how far a device's answers to the golden frames may lie from "
                "those at export.",
            ),
            Table(name="tools", title="Tools of the export", columns=("tool", "version"),
                  rows=tuple(tools)),
        ),
    )  # fmt: skip


def data(inputs: Inputs) -> Section:
    """Which frames trained, chose and judged."""
    m = inputs.manifest
    sets = [
        Row(
            cells=(
                _value(purpose, row.source),
                (row / "name").cell(forms.text),
                (row / "split").cell(forms.text, null="all"),
                (row / "frames").cell(forms.integer),
                (row / "sha256").cell(forms.digest),
            )
        )
        for purpose, place in (
            ("judged the variants", m / "lineage" / "data"),
            ("measured the operating point", m / "lineage" / "operating_point"),
        )
        for row in place.rows()
    ]
    calibration = inputs.place("calibration")
    coverage = calibration / "coverage" / "frames"
    frames_sha256 = calibration / "frames_sha256"
    return Section(
        name="data",
        title="Data",
        tables=(
            Table(
                name="sets",
                title="Labelled frames",
                columns=("purpose", "set", "split", "frames", "SHA-256"),
                rows=tuple(sets),
            ),
            Table(
                name="stated",
                title="Data, as the maker states them",
                columns=tuple(heading for heading, _, _ in STATED),
                rows=tuple(
                    Row(cells=tuple(_stated(row / key, form) for _, key, form in STATED))
                    for row in list((m / "card" / "data").rows()) or [m / "card" / "data" / 0]
                ),
                note="The recipe's own words, [card], which nothing checked.",
            ),
            facts(
                "calibration",
                "Calibration of int8",
                [
                    ("calibration frames", (coverage / "calibration").cell(forms.integer)),
                    ("frames that judge", (coverage / "evaluation").cell(forms.integer)),
                    ("calibration frames, SHA-256", frames_sha256.cell(forms.digest)),
                    *(
                        ("warning", row.cell(forms.text))
                        for row in (calibration / "warnings").rows()
                    ),
                ],
                "An export refuses calibration frames that are among those that judge.",
            ),
        ),
    )


# heading, key of an entry of the card's data, form
STATED: Final = (
    ("set", "name", forms.text),
    ("used for", "used_for", forms.text),
    ("frames", "frames", forms.integer),
    ("patients", "patients", forms.integer),
    ("source", "source", forms.text),
    ("licence", "licence", forms.text),
    ("dates", "dates", forms.text),
    ("devices", "devices", forms.words),
    ("population", "population", forms.text),
    ("labelled by", "labelled_by", forms.text),
    ("reference standard", "reference_standard", forms.text),
    ("SHA-256", "sha256", forms.digest),
)
_TENSOR: Final = (("name", forms.text), ("dtype", forms.text), ("shape", forms.words))


def _variant(manifest: Place, row: Place) -> tuple[Cell, ...]:
    file = manifest / "files" / (row / "model").text()
    return (
        (row / "id").cell(forms.text),
        (row / "runtime").cell(forms.text),
        (row / "precision").cell(forms.text),
        (row / "model").cell(forms.text),
        (file / "sha256").cell(forms.digest),
        (file / "bytes").cell(forms.integer),
        _second_file(manifest, row),
        (row / "tolerance" / "map_levels").cell(forms.number),
        (row / "tolerance" / "probs").cell(forms.number),
    )


def _stated(place: Place, form: forms.Form) -> Cell:
    """What a maker states; an empty list states nothing."""
    return NotProvided(source=place.source) if place.value == [] else place.cell(form)


def _second_file(manifest: Place, row: Place) -> Cell:
    """OpenVINO's weights lie in a file of their own."""
    name = row / "weights"
    if not isinstance(name.value, str):
        return name.cell(forms.text, null="none")
    return (manifest / "files" / name.value / "sha256").cell(forms.digest)


def _out_of_scope(manifest: Place) -> Cell:
    return (manifest / "postprocess" / "out_of_scope").cell(forms.text, null="none")


def _length(value: object) -> str:
    if not isinstance(value, list):
        raise TypeError("a list")
    return f"{len(value)} levels"


def _value(text: str, source: Source) -> Value:
    return Value(text=text, value=text, source=source)
