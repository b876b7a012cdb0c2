"""Pruned variants: losses against the unpruned network, agreement with the pruned one."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from once import made_once
from sonoedge.bundle import read_bundle
from sonoedge.errors import PruningRefused
from sonoedge_export import pipeline
from sonoedge_export.graph.build import Graph, build_graph
from sonoedge_export.graph.load_network import load_network
from sonoedge_export.pipeline import export_bundle
from sonoedge_export.progress import Stages
from sonoedge_export.recipe.recipe import Recipe, read_recipe
from sonoedge_export.verify import verify_bundle


@pytest.fixture
def recipe(int8: Path) -> Recipe:
    names = '"onnxruntime-fp32", "pruned-onnxruntime-fp32", "pruned-onnxruntime-int8"'
    text = int8.read_text()
    text = text.replace(
        text[text.index("variants = [") : text.index("]") + 1], f"variants = [{names}]"
    )
    int8.write_text(text + "\n[prune]\ntarget_speedup = 1.5\n")
    return read_recipe(int8)


def timer(engines: Mapping[str, Any]) -> dict[str, float]:
    return {n: 9.0 / (1 + 2 * ("pruned" in n) + ("int8" in n or n == "qdq")) for n in engines}


def brighter(recipe: Recipe, stages: Stages, folder: Path) -> Graph:
    """A network that answers a little otherwise, as a pruned one does."""
    network = load_network(recipe)
    network.lesion.bias.data += 0.5  # type: ignore[union-attr,operator]
    return build_graph(recipe, network)


@pytest.fixture
def bundle(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The recipe's bundle with a network that is a little brighter; nobody writes into it."""
    monkeypatch.setattr(pipeline, "pruned_graph", brighter)

    def export(folder: Path) -> None:
        export_bundle(recipe, folder / "bundle", Stages(io.StringIO()), timer=timer)

    return made_once("pruned-variants", export) / "bundle"


def test_a_pruned_network_is_gated_as_another_one_in_float_too(
    recipe: Recipe, bundle: Path
) -> None:
    manifest = read_bundle(bundle).manifest
    assert [v.id for v in manifest.variants] == list(recipe.variants)
    assert manifest.reference_variant == "onnxruntime-fp32"
    float_one = manifest.variants[1]
    assert float_one.model == "graphs/pruned-fp32.onnx"
    gates = float_one.metrics["gates"]
    assert set(gates) == {
        "dice_drop", "auroc_drop", "sensitivity_drop", "pruned_flag_agreement",
        "flag_agreement", "map_levels", "probs",
    }  # fmt: skip
    # Its engine computes the pruned network exactly, which is not the unpruned one.
    assert gates["map_levels"]["answer"] == "pass"
    assert gates["flag_agreement"]["measured"] == float_one.metrics["own"]["flag_agreement"] == 1
    int8 = manifest.variants[2].metrics
    assert "decided_agreement" in int8["gates"]
    assert "map_levels" not in int8["gates"]
    assert int8["own"]["map_levels"] > 1
    assert "pruned" in (bundle / "calibration.json").read_text()


def test_a_pruned_network_that_flags_other_frames_is_left_out(
    recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(recipe: Recipe, stages: Stages, folder: Path) -> Graph:
        network = load_network(recipe)
        network.malignancy.bias.data += 30.0  # type: ignore[union-attr,operator]
        return build_graph(recipe, network)

    monkeypatch.setattr(pipeline, "pruned_graph", other)
    manifest = export_bundle(recipe, recipe.folder / "a", Stages(io.StringIO()), timer=timer)
    assert [v.id for v in manifest.variants] == ["onnxruntime-fp32"]
    assert "pruned_flag_agreement is" in manifest.lineage["left_out"]["pruned-onnxruntime-fp32"]


def test_verify_compares_pruned_variants_with_both_networks(recipe: Recipe, bundle: Path) -> None:
    frames = recipe.path(recipe.data.frames[0])

    def rows(variant: str | None) -> dict[str, Any]:
        said = verify_bundle(bundle, frames, recipe.data.split, variant, Stages(io.StringIO()))
        return {row["id"]: row["gates"] for row in said["variants"]}

    every = rows(None)
    assert every["onnxruntime-fp32"] == {}
    assert every["pruned-onnxruntime-fp32"]["pruned_flag_agreement"]
    int8 = every["pruned-onnxruntime-int8"]
    assert {"flag_agreement", "decided_agreement", "pruned_flag_agreement"} <= set(int8)
    assert rows("pruned-onnxruntime-int8") == {"pruned-onnxruntime-int8": int8}


def test_a_pruning_that_is_refused_costs_the_pruned_variants_alone(
    recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(recipe: Recipe, stages: Stages, folder: Path) -> Graph:
        raise PruningRefused("1.2 times as fast at most, 1.5 wanted")

    monkeypatch.setattr(pipeline, "pruned_graph", refuse)
    manifest = export_bundle(recipe, recipe.folder / "a", Stages(io.StringIO()), timer=timer)
    assert [v.id for v in manifest.variants] == ["onnxruntime-fp32"]
    assert manifest.lineage["left_out"] == dict.fromkeys(
        ("pruned-onnxruntime-fp32", "pruned-onnxruntime-int8"),
        "1.2 times as fast at most, 1.5 wanted",
    )
