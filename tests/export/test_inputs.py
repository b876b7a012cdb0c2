from __future__ import annotations

import io
from pathlib import Path

import pytest

from sonoedge.errors import InvalidData
from sonoedge_export.candidates.earlier import Earlier
from sonoedge_export.inputs import read_inputs
from sonoedge_export.progress import Stages
from sonoedge_export.recipe.recipe import read_recipe


def quiet() -> Stages:
    return Stages(io.StringIO())


def test_float_variants_need_no_calibration_frames(workplace: Path) -> None:
    inputs = read_inputs(read_recipe(workplace / "recipe.toml"), None, quiet(), rank_layers=False)
    assert inputs.variants == ("onnxruntime-fp32", "openvino-fp32")
    assert len(inputs.frames) == 8
    assert inputs.calibration is None


def test_calibration_frames_are_read_for_int8_and_for_the_ranking_of_layers(int8: Path) -> None:
    recipe = read_recipe(int8)
    only_float = Earlier(latency_ms={"onnxruntime-fp32": 1.0})
    assert read_inputs(recipe, None, quiet(), rank_layers=False).calibration is not None
    assert read_inputs(recipe, only_float, quiet(), rank_layers=False).calibration is None
    assert read_inputs(recipe, only_float, quiet(), rank_layers=True).calibration is not None


def test_an_earlier_export_names_the_variants_to_build_again(workplace: Path) -> None:
    recipe = read_recipe(workplace / "recipe.toml")
    earlier = Earlier(latency_ms={"openvino-fp32": 1.0})
    assert read_inputs(recipe, earlier, quiet(), rank_layers=False).variants == ("openvino-fp32",)
    with pytest.raises(InvalidData, match="no earlier latency"):
        read_inputs(recipe, Earlier(latency_ms={}), quiet(), rank_layers=False)
