from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sonoedge.errors import InvalidCalibration, InvalidSettings
from sonoedge_export.data.evaluation_set import evaluation_sets, joined
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.graph.build import Graph, build_graph
from sonoedge_export.progress import Stages
from sonoedge_export.prune.engines import engines
from sonoedge_export.prune.stage import prune
from sonoedge_export.recipe.recipe import Recipe, read_recipe

CALIBRATION = """
[calibration]
frames = ["calib/frames.json"]
split = "train"

[prune]
"""


def frames(recipe: Recipe) -> Labelled:
    labels = recipe.postprocess.labels
    return joined(evaluation_sets(recipe.files.evaluation, recipe.data.split, labels))


@pytest.fixture
def calibrated(
    place: Path, edited: Callable[[str, str], Path], load: Callable[[Path], object]
) -> Path:
    """The recipe, with calibration frames of its own."""
    drawn = load(Path(__file__).parents[2] / "tiny" / "frames.py")
    drawn.write_frames(place / "calib", 24, first=100)  # type: ignore[attr-defined]
    return edited("\n[prune]\n", CALIBRATION)


@pytest.mark.parametrize("name", ["onnxruntime-int8", "openvino-int8"])
def test_an_int8_engine_computes_in_int8_and_answers_nearly_as_the_float_one(
    name: str, calibrated: Path
) -> None:
    for package in ("openvino", "nncf") if name == "openvino-int8" else ():
        pytest.importorskip(package, reason=f"needs {package}")
    recipe = read_recipe(calibrated)
    graph, open = build_graph(recipe), engines(recipe, frames(recipe))
    quantized, exact = open(name, graph), open(name.replace("int8", "fp32"), graph)
    frame = {"frame": np.full((1, 1, 32, 48), 90, np.uint8)}
    frame["frame"][0, 0, 8:20, 10:30] = 200
    got, want = (e.infer(frame)["lesion_map"].astype(int) for e in (quantized, exact))
    quantized.close()
    exact.close()
    assert 0 < np.abs(got - want).max() < 40  # 0 would be a graph that is still float
    assert np.abs(got - want).mean() < 4


def test_the_search_can_be_driven_by_an_int8_engine(
    calibrated: Path, edited: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = read_recipe(edited("[prune]\n", '[prune]\non = ["onnxruntime-int8"]\n'))
    seen: list[str] = []

    def by_turns(runtimes: dict[str, object]) -> dict[str, float]:
        seen.extend(runtimes)
        return {name: 9.0 if "parent" in name else 4.0 for name in runtimes}

    done = prune(recipe, calibrated.parent / "out", Stages(), timer=by_turns)  # type: ignore[arg-type]
    assert set(seen) == {"onnxruntime-int8 parent", "onnxruntime-int8 candidate"}
    assert done.report["pruned"]["speedup"] == 9 / 4


def test_int8_without_calibration_frames_is_refused(place: Path) -> None:
    recipe = read_recipe(place / "recipe.toml")
    with pytest.raises(InvalidCalibration, match="frames of your own"):
        engines(recipe, frames(recipe))("onnxruntime-int8", build_graph(recipe))


@pytest.mark.parametrize("name", ["tensorrt-fp16", "pruned-openvino-fp32"])
def test_what_cannot_be_timed_is_refused_before_anything_is_done(name: str, place: Path) -> None:
    text = (place / "recipe.toml").read_text()
    (place / "recipe.toml").write_text(text.replace("[prune]", f'[prune]\non = ["{name}"]', 1))
    with pytest.raises(InvalidSettings, match=r"prune\.on: .*onnxruntime-fp32, "):
        prune(read_recipe(place / "recipe.toml"), place / "out", Stages(io.StringIO()))
    assert not (place / "out").exists()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("onnxruntime-fp64", "allowed: onnxruntime-fp32, onnxruntime-int8"),
        ("tensorrt-int8", "cannot be timed on tensorrt-int8"),
        ("pruned-onnxruntime-fp32", "take an unpruned variant"),
    ],
)
def test_what_cannot_be_timed_here_is_refused_by_name(name: str, why: str, place: Path) -> None:
    recipe = read_recipe(place / "recipe.toml")
    graph = Graph(onnx=b"", trained=None, parameters=0)  # type: ignore[arg-type]
    with pytest.raises(InvalidSettings, match=why):
        engines(recipe, frames(recipe))(name, graph)
