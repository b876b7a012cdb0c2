"""Pruned variants: a second graph, judged against the unpruned network."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sonoedge.errors import PruningRefused
from sonoedge_export import pipeline
from sonoedge_export.graph import Graph, build_graph
from sonoedge_export.network import load_network
from sonoedge_export.pipeline import export_bundle
from sonoedge_export.recipe import Recipe, read_recipe
from sonoedge_export.stages import Stages


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


def test_a_pruned_network_is_gated_as_another_one_in_float_too(
    recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "pruned_graph", brighter)
    manifest = export_bundle(recipe, recipe.folder / "a", Stages(io.StringIO()), timer=timer)
    assert [v.id for v in manifest.variants] == list(recipe.variants)
    assert manifest.reference_variant == "onnxruntime-fp32"
    float_one = manifest.variants[1]
    assert float_one.model == "graphs/pruned-fp32.onnx"
    assert float_one.metrics["map_levels"] > 1  # the exact gates of fp32 would refuse it
    assert set(float_one.metrics["gates"]) >= {"flag_agreement", "decided_agreement"}
    assert "pruned" in (recipe.folder / "a" / "calibration.json").read_text()


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
