"""LiteRT's variants, from the recipe to a device's answers."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest

pytest.importorskip("ai_edge_litert", reason="needs LiteRT")

import sonoedge
from sonoedge import Analysed, EngineOptions, Frame
from sonoedge.runtime import Runtime, runtime_class
from sonoedge_export.graph.build import build_graph
from sonoedge_export.inputs import read_inputs
from sonoedge_export.pipeline import export_bundle
from sonoedge_export.progress import Stages
from sonoedge_export.quantize.layers import last, prepared
from sonoedge_export.quantize.litert import quantize_litert
from sonoedge_export.quantize.ort import quantize_ort
from sonoedge_export.recipe.recipe import read_recipe

VARIANTS = ("onnxruntime-fp32", "litert-fp32", "litert-int8")


def recipe_with(int8: Path) -> Path:
    """The recipe with LiteRT's variants."""
    lines = int8.read_text().splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("variants = "))
    lines[at] = f"variants = {json.dumps(VARIANTS)}"
    int8.write_text("\n".join(lines) + "\n")
    return int8


def descending(engines: Mapping[str, Runtime]) -> dict[str, float]:
    """A timer by which each variant is faster than those before it."""
    return {name: float(len(engines) - n) for n, name in enumerate(engines)}


@pytest.mark.req("R90")
def test_litert_s_variants_pass_the_gates_and_find_what_the_others_find(int8: Path) -> None:
    out = int8.parent / "bundle"
    # Their speed on a network of three layers is no matter.
    recipe = read_recipe(recipe_with(int8))
    manifest = export_bundle(recipe, out, Stages(io.StringIO()), timer=descending)
    assert [v.id for v in manifest.variants] == list(VARIANTS)
    for variant in manifest.variants[1:]:
        assert variant.runtime == "litert"
        assert variant.model == f"graphs/{variant.id}.tflite"
        assert variant.weights is None
        assert not variant.needs_int8_products
        assert variant.metrics["gates"]
    assert "ai-edge-litert" in manifest.lineage["tools"]
    sbom = json.loads((out / "sbom.cdx.json").read_text())
    assert "ai-edge-litert" in json.dumps(sbom["formulation"])
    pixels = np.full((120, 160), 170, np.uint8)
    y, x = np.ogrid[:120, :160]
    pixels[(y - 60) ** 2 + (x - 80) ** 2 < 20**2] = 20
    regions = {}
    for variant in manifest.variants:
        with sonoedge.open(out, EngineOptions(variant=variant.id)) as analyser:
            analysis = analyser.analyse(Frame(pixels=pixels))
        assert isinstance(analysis, Analysed)
        regions[variant.id] = [r.box_px for r in analysis.regions]
    assert len(regions["onnxruntime-fp32"]) == 1
    assert regions["litert-fp32"] == regions["onnxruntime-fp32"]
    assert len(regions["litert-int8"]) == 1


def rounded(graph: bytes, frame: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The lesion map that a graph says, each step as it stands: integer kernels that ONNX Runtime
    would put in their place overflow on some processors."""
    plain = onnxruntime.SessionOptions()
    plain.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(graph, plain, providers=["CPUExecutionProvider"])
    (answer,) = session.run(["lesion_map"], {"frame": frame})
    return np.asarray(answer)


def test_a_layer_is_rounded_for_litert_unless_it_makes_logits(int8: Path) -> None:
    recipe = read_recipe(int8)
    graph = prepared(build_graph(recipe).onnx)
    inputs = read_inputs(recipe, None, Stages(io.StringIO()), rank_layers=True)
    assert inputs.calibration is not None
    tensors, settings = list(inputs.calibration.tensors), recipe.calibration
    assert settings is not None
    model = onnx.load_from_string(graph)
    assert last(model)
    frame = tensors[0]
    for kept in ((), tuple(last(model))):
        made = quantize_litert(graph, tensors, settings, keep_float=kept)
        like = quantize_ort(graph, tensors, settings, keep_float=kept, round_layers=bool(kept))
        got = runtime_class("litert")(made.model, precision="int8", threads=1).infer(
            {"frame": frame}
        )
        apart = np.abs(got["lesion_map"].astype(int) - rounded(like.model, frame).astype(int))
        assert apart.mean() < 1
        assert made.kept_float == kept
