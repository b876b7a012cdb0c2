from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
import torch
from torch import nn

from sonoedge.errors import InvalidNetwork, InvalidRecipe
from sonoedge_export.graph.build import build_graph
from sonoedge_export.graph.embedding import unit
from sonoedge_export.graph.load_network import load_network
from sonoedge_export.recipe.network import Network
from sonoedge_export.recipe.outputs import Embedding
from sonoedge_export.recipe.recipe import Recipe, read_recipe


@pytest.fixture
def recipe(workplace: Path) -> Recipe:
    made = read_recipe(workplace / "recipe.toml")
    network = Network(factory="network:textured", mean=0.0, std=255.0)
    outputs = replace(made.outputs, embedding=Embedding(layer="texture"))
    return replace(made, network=network, outputs=outputs)


def answers(graph: bytes, frame: np.ndarray) -> dict[str, np.ndarray]:
    session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    names = [o.name for o in session.get_outputs()]
    return dict(zip(names, session.run(names, {"frame": frame}), strict=True))


def test_a_layers_mean_over_the_frame_leaves_the_graph_at_length_1(recipe: Recipe) -> None:
    graph = build_graph(recipe)
    frame = np.random.default_rng(0).integers(0, 255, (1, 1, 64, 96), dtype=np.uint8)
    answer = answers(graph.onnx, frame)
    assert list(answer)[-2:] == ["embedding", "finite"]
    assert answer["embedding"].shape == (1, 4)
    assert np.linalg.norm(answer["embedding"]) == pytest.approx(1)
    trained = graph.trained.infer({"frame": frame})
    assert np.abs(answer["embedding"] - trained["embedding"]).max() < 1e-5
    with torch.no_grad():
        raw = load_network(recipe)(torch.from_numpy(frame).float() / 255)
    made = raw["texture"].mean((2, 3)).numpy()
    assert np.allclose(answer["embedding"], made / np.linalg.norm(made), atol=1e-5)


def test_an_output_may_take_the_layers_place(recipe: Recipe) -> None:
    by_output = replace(recipe.outputs, embedding=Embedding(output="texture"))
    frame = np.full((1, 1, 64, 96), 90, np.uint8)
    layer, output = (
        answers(build_graph(r).onnx, frame)["embedding"]
        for r in (recipe, replace(recipe, outputs=by_output))
    )
    assert np.allclose(layer, output, atol=1e-6)


def test_without_the_table_the_graph_is_what_it_was(recipe: Recipe) -> None:
    plain = replace(recipe, outputs=replace(recipe.outputs, embedding=None))
    frame = np.full((1, 1, 64, 96), 90, np.uint8)
    with_it, without = (answers(build_graph(r).onnx, frame) for r in (recipe, plain))
    assert "embedding" not in without
    assert all((with_it[name] == value).all() for name, value in without.items())


def test_a_classifiers_features_can_be_embedded_beside_its_map(workplace: Path) -> None:
    text = (workplace / "recipe.toml").read_text()
    text = text.replace("dark_spots", "classifier").replace(
        'task = "both"', 'task = "classification"'
    )
    head, rest = text.split("[outputs.lesion_map]")
    rest = rest[rest.index("[postprocess]") :].replace('"normal", ', "")
    table = '[outputs.class_probs]\n[outputs.embedding]\nlayer = "features"\n\n'
    (workplace / "other.toml").write_text(head + table + rest)
    graph = build_graph(read_recipe(workplace / "other.toml"))
    answer = answers(graph.onnx, np.full((1, 1, 64, 96), 90, np.uint8))
    assert answer["embedding"].shape == (1, 16)
    assert answer["lesion_map"].shape[:2] == (1, 1)


@pytest.mark.parametrize(
    ("embedding", "message"),
    [
        (Embedding(layer="deepest"), "no module 'deepest'"),
        (Embedding(output="deepest"), "outputs.embedding.output is 'deepest'"),
        (Embedding(layer="lesion"), "K 2 or more"),
    ],
)
def test_what_the_network_does_not_have_is_refused(
    recipe: Recipe, embedding: Embedding, message: str
) -> None:
    other = replace(recipe, outputs=replace(recipe.outputs, embedding=embedding))
    with pytest.raises(InvalidNetwork, match=message):
        build_graph(other)


def test_a_module_that_is_never_called_is_refused(recipe: Recipe) -> None:
    network = load_network(recipe)
    network.add_module("idle", nn.Conv2d(1, 4, 1))
    other = replace(recipe, outputs=replace(recipe.outputs, embedding=Embedding(layer="idle")))
    with pytest.raises(InvalidNetwork, match="does not call 'idle'"):
        build_graph(other, network)


@pytest.mark.parametrize(
    ("table", "message"),
    [("", "give either layer or output"), ('layer = "a"\noutput = 1', "either layer or output")],
)
def test_a_recipe_names_a_layer_or_an_output(workplace: Path, table: str, message: str) -> None:
    text = (workplace / "recipe.toml").read_text()
    (workplace / "other.toml").write_text(f"{text}\n[outputs.embedding]\n{table}\n")
    with pytest.raises(InvalidRecipe, match=message):
        read_recipe(workplace / "other.toml")


def test_of_an_onnx_file_no_layer_can_be_named(workplace: Path) -> None:
    text = (
        (workplace / "recipe.toml")
        .read_text()
        .replace('factory = "network:dark_spots"', 'onnx = "float.onnx"')
    )
    (workplace / "other.toml").write_text(f'{text}\n[outputs.embedding]\nlayer = "texture"\n')
    with pytest.raises(InvalidRecipe, match=r"outputs\.embedding\.output"):
        read_recipe(workplace / "other.toml")


def test_features_of_nothing_stay_finite() -> None:
    assert unit(torch.zeros(1, 8, 2, 2)).abs().max() == 0
