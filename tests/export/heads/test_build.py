"""From a recipe with [[head]], [certainty] and [clinical] to a bundle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from head_bundle import copied, export
from sonoedge.bundle import read_bundle
from sonoedge.cli import main
from sonoedge.comparison import compare


def test_the_manifest_tells_where_a_head_comes_from_and_what_it_gained(place: Path) -> None:
    bundle = read_bundle(place / "bundle")
    bundle.check()
    manifest = bundle.manifest
    (head,) = manifest.heads
    assert head.network_sha256 == manifest.files["graphs/fp32.onnx"].sha256
    assert [(f.name, f.frames, f.regions) for f in head.fitted_on] == [("fit", 60, 60)]
    assert [f.name for f in head.chosen_on] == ["choose"]
    assert head.auroc > 0.9
    assert head.gain.mean is not None
    assert head.variants == ("onnxruntime-fp32", "openvino-fp32")
    assert {head.model, head.golden} <= set(manifest.files)
    assert manifest.certainty is not None
    assert manifest.certainty.calibrated_on.patients == 60
    assert [c.name for c in manifest.certainty.measured] == ["fit"]
    assert manifest.clinical["age_years"].source == "drawn, for tests alone"
    report = json.loads(bundle.read("verification.json"))["heads"]["second-opinion"]
    assert report["estimator_difference"] <= 1e-4
    assert report["variants"]["openvino-fp32"]["frames"] == 60
    table = json.loads(bundle.read("heads/second-opinion.json"))
    assert {row["name"] for row in table["importance"]} == set(head.measures)


@pytest.mark.traced_anew
def test_the_same_recipe_gives_the_same_bytes(place: Path, tmp_path: Path) -> None:
    export(place / "recipe.toml", tmp_path / "again")
    for name in ("heads/second-opinion.onnx", "golden/head-second-opinion.npz", "manifest.json"):
        assert (tmp_path / "again" / name).read_bytes() == (place / "bundle" / name).read_bytes()


def test_every_list_of_the_bundle_names_the_head(place: Path) -> None:
    bundle = read_bundle(place / "bundle")
    sbom = json.loads(bundle.read("sbom.cdx.json"))
    roles = {
        part["name"]: {p["name"]: p["value"] for p in part["properties"]}["sonoedge:role"]
        for part in sbom["components"]
    }
    assert roles["heads/second-opinion.onnx"] == "second opinion second-opinion"
    assert roles["golden/head-second-opinion.npz"].endswith("of second opinion second-opinion")
    card = sbom["metadata"]["component"]["modelCard"]
    types = {row["type"] for row in card["quantitativeAnalysis"]["performanceMetrics"]}
    assert {"malignant frames covered", "AUROC gained with the network, out of fold"} <= types


def test_inspect_shows_what_stands_beside_the_network(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(place / "bundle")]) == 0
    shown = capsys.readouterr().out
    for line in (
        "second opinion  second-opinion: logistic",
        "certainty       alpha 0.1",
        "age_years",
    ):
        assert line in shown


def test_a_comparison_tells_of_changed_opinions(place: Path, tmp_path: Path) -> None:
    def stricter(data: dict[str, Any]) -> None:
        data["certainty"]["alpha"] = 0.05

    old, new = read_bundle(place / "bundle"), read_bundle(copied(place, tmp_path / "b", stricter))
    changes = compare(old.manifest, new.manifest).of("opinions")
    assert [c.key for c in changes] == ["certainty.alpha"]
