from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from sonoedge.errors import InvalidNetwork
from sonoedge_export.graph.build import build_graph
from sonoedge_export.graph.deploy import Scale
from sonoedge_export.graph.onnx_file import OnnxFile
from sonoedge_export.recipe.network import Network
from sonoedge_export.recipe.outputs import Output, Outputs
from sonoedge_export.recipe.recipe import Recipe, read_recipe


def saved(file: Path, *, last: bool = False, weight: float = 2.0, half: bool = False) -> Path:
    """y = weight * x + 1 by a 1 x 1 convolution, on pictures of any size."""
    kind = TensorProto.FLOAT16 if half else TensorProto.FLOAT
    dtype = np.float16 if half else np.float32
    shape = ["n", "h", "w", 1] if last else ["n", 1, "h", "w"]
    x, y = (helper.make_tensor_value_info(n, kind, shape) for n in ("x", "y"))
    weights = [
        numpy_helper.from_array(np.full((1, 1, 1, 1), weight, dtype), "weight"),
        numpy_helper.from_array(np.ones(1, dtype), "bias"),
    ]
    nodes = [
        helper.make_node("Conv", ["a" if last else "x", "weight", "bias"], ["b" if last else "y"])
    ]
    if last:
        nodes.insert(0, helper.make_node("Transpose", ["x"], ["a"], perm=[0, 3, 1, 2]))
        nodes.append(helper.make_node("Transpose", ["b"], ["y"], perm=[0, 2, 3, 1]))
    graph = helper.make_graph(nodes, "g", [x], [y], weights)
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), file
    )
    return file


@pytest.fixture
def recipe(workplace: Path) -> Recipe:
    """A recipe of the file float.onnx beside it, whose only output is a map of logits."""
    made = read_recipe(workplace / "recipe.toml")
    return replace(
        made,
        task="segmentation",
        network=Network(onnx="float.onnx", mean=0.0, std=255.0),
        outputs=Outputs(lesion_map=Output(output="y", activation="sigmoid")),
    )


def opened(recipe: Recipe, file: Path) -> OnnxFile:
    return OnnxFile(file, recipe.network, Scale(recipe.network), (64, 96))


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("half", [False, True])
def test_the_graph_and_the_reference_answer_as_the_file(
    recipe: Recipe, last: bool, half: bool
) -> None:
    saved(recipe.folder / "float.onnx", last=last, half=half)
    graph = build_graph(recipe)
    frame = np.random.default_rng(0).integers(0, 256, (1, 1, 64, 96), dtype=np.uint8)
    expected = 255 / (1 + np.exp(-(2 * frame.astype(float) / 255 + 1)))
    (answer, finite) = ort.InferenceSession(graph.onnx).run(None, {"frame": frame})
    for got in (answer, graph.trained.infer({"frame": frame})["lesion_map"]):
        assert got.shape == (1, 1, 64, 96)
        assert np.abs(got - expected).max() <= 1
    assert finite.tolist() == [1]
    sizes = [
        d.dim_value
        for d in onnx.load_from_string(graph.onnx).graph.input[0].type.tensor_type.shape.dim
    ]
    assert sizes == [1, 1, 64, 96]


def test_outputs_are_called_by_name_or_position(recipe: Recipe) -> None:
    file = opened(recipe, saved(recipe.folder / "float.onnx"))
    assert list(file(torch.zeros(1, 1, 64, 96, dtype=torch.uint8))) == ["y"]
    outputs = Outputs(lesion_map=Output(output="z", activation="sigmoid"))
    with pytest.raises(InvalidNetwork, match=r"output is 'z'; the network has \['y'\]"):
        build_graph(replace(recipe, outputs=outputs))


def test_weights_that_are_no_numbers_are_refused(recipe: Recipe) -> None:
    with pytest.raises(InvalidNetwork, match="1 of 1 values of weight are NaN"):
        opened(recipe, saved(recipe.folder / "float.onnx", weight=float("nan")))


@pytest.mark.parametrize("content", [b"", b"no graph", b"\x08\x08"])
def test_a_file_that_is_no_graph_is_refused(recipe: Recipe, content: bytes) -> None:
    file = recipe.folder / "float.onnx"
    file.write_bytes(content)
    with pytest.raises(InvalidNetwork, match=r"float\.onnx"):
        opened(recipe, file)
    with pytest.raises(InvalidNetwork, match="cannot be read"):
        opened(recipe, recipe.folder / "nowhere.onnx")
