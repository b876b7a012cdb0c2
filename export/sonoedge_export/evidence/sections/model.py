"""What the bundle is, what it is for, and what it was made from."""

from __future__ import annotations

from sonoedge_export.evidence import forms
from sonoedge_export.evidence.cells import Cell, Row, Section, Source, Table, Value, facts
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
                    ("user group", (m / "card" / "user_group").cell(forms.scalar)),
                    ("contraindications", (m / "card" / "contraindications").cell(forms.scalar)),
                    ("hardware range", (m / "card" / "hardware_range").cell(forms.scalar)),
                    ("probes allowed", (m / "guard" / "probes").cell(forms.words, null="any")),
                    ("presets allowed", (m / "guard" / "presets").cell(forms.words, null="any")),
                ],
                "What a recipe does not say is not provided here: it is the manufacturer's to say.",
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
                    ("weights' licence", (m / "card" / "weights_licence").cell(forms.scalar)),
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
    training = m / "card" / "training"
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
            facts(
                "training",
                "Training data",
                [
                    (name, (training / key).cell(forms.scalar))
                    for name, key in (
                        ("sets", "datasets"),
                        ("source and dates", "source"),
                        ("devices", "devices"),
                        ("patients: sex and age", "patients"),
                        ("who labelled, how many", "labellers"),
                        ("disagreement of labellers", "disagreement"),
                        ("reference standard", "reference_standard"),
                        ("overlap with the frames above", "overlap"),
                    )
                ],
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


_TENSOR = (("name", forms.text), ("dtype", forms.text), ("shape", forms.words))


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
