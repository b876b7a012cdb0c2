"""A head of a bundle speaks with its own network and measures, or is refused."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sonoedge
from head_bundle import copied, describe, frame
from sonoedge import Analysed
from sonoedge.bundle import read_bundle
from sonoedge.bundle.golden_file import write_outputs
from sonoedge.cli import main
from sonoedge.description import Described
from sonoedge.errors import (
    DigestMismatch,
    GoldenMismatch,
    InvalidManifest,
)
from sonoedge.heads import NoOpinion, Opinion, golden_rows, load_heads
from sonoedge.measure import NAMES
from sonoedge.outputs.opinions import opinion_values


def test_a_description_holds_the_second_opinion_the_certainty_and_what_was_used(
    place: Path,
) -> None:
    description = describe(place, age_years=70)
    assert isinstance(description, Described)
    (opinion,) = description.opinions
    assert isinstance(opinion, Opinion)
    assert opinion.name == "second-opinion"
    assert opinion.suspicion > 0.5  # a star
    assert opinion.fused is not None
    assert description.certainty in ("benign only", "malignant only", "cannot say")
    assert description.clinical is not None
    assert description.clinical.fused_with == ("age_years",)


@pytest.mark.req("R89")
@pytest.mark.parametrize(
    "examination",
    [
        {},
        {"age": 61},
        *({"age_years": value} for value in (math.nan, math.inf, -math.inf, 1968, -5, "61", True)),
    ],
)
def test_a_value_that_is_none_leaves_the_network_alone(
    place: Path, examination: dict[str, Any]
) -> None:
    description = describe(place, **examination)
    assert isinstance(description, Described)
    assert description.clinical is not None
    assert description.clinical.fused_with == ()
    assert description.clinical.not_used == ("age_years",)


def test_an_examination_that_is_no_mapping_costs_no_description(place: Path) -> None:
    with sonoedge.open(place / "bundle", tracking=False) as analyser:
        shown = frame(place, "choose/f1.png")
        analysis = analyser.analyse(shown)
        assert isinstance(analysis, Analysed)
        wrong: Any = "age_years=61"
        description = analyser.describe(shown, analysis.regions[0], examination=wrong)
    assert isinstance(description, Described)
    assert description.clinical is not None
    assert description.clinical.not_used == ("age_years",)


def test_a_head_on_the_other_side_of_its_threshold_disagrees(place: Path) -> None:
    bundle = read_bundle(place / "bundle")
    row = golden_rows(bundle, bundle.manifest.heads[0])[0]
    with load_heads(bundle, "onnxruntime-fp32", bundle.manifest.heads[0].measures) as heads:
        measures = np.asarray(row["features"][0], dtype=np.float32)
        (first,) = heads.ask(measures, suspicion=0.9, flagged=True)
        (second,) = heads.ask(measures, suspicion=0.1, flagged=False)
    assert isinstance(first, Opinion)
    assert isinstance(second, Opinion)
    assert first.disagrees != second.disagrees
    assert first.flagged == (first.suspicion >= bundle.manifest.heads[0].threshold)


def test_what_could_not_be_measured_gets_no_opinion(place: Path) -> None:
    bundle = read_bundle(place / "bundle")
    with load_heads(bundle, "onnxruntime-fp32", NAMES) as heads:
        nothing = heads.ask(None, suspicion=0.9, flagged=True)
        broken = heads.ask(np.full(len(NAMES), np.nan, np.float32), suspicion=0.9, flagged=True)
    expected = NoOpinion(name="second-opinion", reason="NOT_MEASURED")  # type: ignore[arg-type]
    assert nothing == broken == (expected,)


def test_a_head_is_silent_on_a_variant_that_it_was_not_checked_on(place: Path) -> None:
    with load_heads(read_bundle(place / "bundle"), "onnxruntime-int8", NAMES) as heads:
        (answer,) = heads.ask(np.zeros(len(NAMES), np.float32), suspicion=0.9, flagged=True)
    assert isinstance(answer, NoOpinion)
    assert answer.reason.value == "VARIANT_NOT_CHECKED"


@pytest.mark.req("R87")
def test_a_head_whose_measures_are_not_taken_here_is_refused(place: Path) -> None:
    bundle = read_bundle(place / "bundle")
    with pytest.raises(InvalidManifest, match="second-opinion was fitted on 'shape"):
        load_heads(bundle, "onnxruntime-fp32", [n for n in NAMES if not n.startswith("shape")])


@pytest.mark.req("R87")
def test_a_head_without_its_network_is_refused(place: Path, tmp_path: Path) -> None:
    def other(data: dict[str, Any]) -> None:
        data["heads"][0]["network_sha256"] = "0" * 64

    with pytest.raises(InvalidManifest, match="another network"):
        read_bundle(copied(place, tmp_path / "b", other))


@pytest.mark.parametrize("path", ["heads/second-opinion.onnx", "golden/head-second-opinion.npz"])
def test_a_damaged_head_is_refused_before_its_engine_sees_it(
    place: Path, tmp_path: Path, path: str
) -> None:
    bundle = copied(place, tmp_path / "b", lambda data: None)
    damaged = bytearray((bundle / path).read_bytes())
    damaged[-1] ^= 1
    (bundle / path).write_bytes(bytes(damaged))
    with pytest.raises(DigestMismatch, match=path):
        sonoedge.open(bundle)


@pytest.mark.req("R87")
def test_a_head_that_answers_otherwise_than_at_export_is_refused(
    place: Path, tmp_path: Path
) -> None:
    import hashlib

    bundle = read_bundle(place / "bundle")
    head = bundle.manifest.heads[0]
    rows = [dict(row) for row in golden_rows(bundle, head)]
    rows[0]["class_probs"] = rows[0]["class_probs"][:, ::-1]  # the classes swapped
    golden = write_outputs(rows)

    def other(data: dict[str, Any]) -> None:
        digest = {"sha256": hashlib.sha256(golden).hexdigest(), "bytes": len(golden)}
        data["files"][head.golden] = digest

    changed = copied(place, tmp_path / "b", other)
    (changed / head.golden).write_bytes(golden)
    with pytest.raises(GoldenMismatch, match="head second-opinion, golden row 0"):
        sonoedge.open(changed)


@pytest.mark.req("R89")
def test_describe_tells_opinions_and_never_a_clinical_value(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["describe", str(place / "bundle"), str(place / "choose/f1.png")]
    assert main(words) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "Second opinion second-opinion: " in shown
    assert "Certainty: " in shown
    assert "Clinical values used: none, the network alone." in shown
    assert main([*words, "--json"]) == 0
    first = json.loads(capsys.readouterr().out)["descriptions"][0]
    assert first["opinions"][0]["name"] == "second-opinion"
    assert first["clinical"] == {"fused_with": [], "not_used": ["age_years"]}
    description = describe(place, age_years=70)
    assert isinstance(description, Described)
    values = opinion_values(description)
    assert values["clinical"] == {"fused_with": ["age_years"], "not_used": []}
    assert description.clinical is not None
    assert f"{description.clinical.suspicion:.4f}" not in json.dumps(values)
