"""The reference network's own training recovers what `sonoedge prune` has cut."""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("torch_pruning", reason="pruning needs Torch-Pruning")
pytest.importorskip("matplotlib", reason="training plots its curves")
import torch
from safetensors.torch import save_file
from torch import nn

from sonoedge.errors import InvalidRecipe
from sonoedge_export.graph.build import Graph
from sonoedge_export.graph.load_network import load_network
from sonoedge_export.progress import Stages
from sonoedge_export.prune import stage
from sonoedge_export.prune.slim import load_slim
from sonoedge_export.prune.stage import prune
from sonoedge_export.recipe.prune import Recover
from sonoedge_export.recipe.recipe import Recipe, read_recipe

from .test_training import drawn

RECIPE = """
name = "small"
version = "1"
intended_use = "Tests."
task = "both"
threshold_chosen_on = "nothing"

[network]
factory = "lesionnet:lesionnet"
weights = "{weights}"
arguments = {{ trunk = "lite0", surroundings = true }}

[input]
height = 64
width = 64

[outputs.lesion_map]
output = "lesion"
activation = "sigmoid"

[outputs.malignancy_map]
output = "malignancy"
activation = "sigmoid"

[outputs.class_probs]
output = "frame"
activation = "softmax"

[postprocess]
labels = ["normal", "benign", "malignant", "out_of_scope"]
positive = ["malignant"]
out_of_scope = "out_of_scope"

[data]
frames = ["{{data}}/one/frames.json"]

[prune]
target_speedup = 1.06
protect = ["trunk._blocks.[1-9]*"]  # a short search

[prune.recover]
frames = ["{{data}}/one/frames.json", "{{data}}/two/frames.json"]
epochs = 2
batch = 2
workers = 0
loop = "recover:recover"

[prune.recover.arguments]
masks_only = ["{{data}}/two"]
sizes = [64]
validations = 1
"""


@pytest.fixture
def recipe(reference: Path, tmp_path: Path) -> Recipe:
    """LesionNet on lite0 with surroundings, untrained, and drawn frames to recover it on."""
    from lesionnet import lesionnet  # type: ignore[import-not-found]

    torch.manual_seed(0)
    drawn(tmp_path / "one", 8, 1)
    drawn(tmp_path / "two", 8, 2, patient="she")
    weights = tmp_path / "whole.safetensors"
    save_file(lesionnet(4, "lite0", surroundings=True).state_dict(), weights)
    file = tmp_path / "recipe.toml"
    file.write_text(RECIPE.format(weights=weights))
    return dataclasses.replace(read_recipe(file, tmp_path), folder=reference)


def changed(recipe: Recipe, **settings: Any) -> Recipe:
    """The recipe with other settings of its recovery."""
    assert recipe.prune is not None
    recover = dataclasses.replace(recovery(recipe), **settings)
    return dataclasses.replace(recipe, prune=dataclasses.replace(recipe.prune, recover=recover))


def recovery(recipe: Recipe) -> Recover:
    assert recipe.prune is not None
    assert recipe.prune.recover is not None
    return recipe.prune.recover


class Weighed:
    """In place of an engine: knows how many weights its graph has."""

    def __init__(self, variant: str, graph: Graph) -> None:
        self.weights = graph.parameters or 0

    def close(self) -> None:
        """Nothing to give back."""


def untraced(recipe: Recipe, network: nn.Module) -> Graph:
    """A graph that is no ONNX but counts its weights: tracing takes seconds."""
    size = sum(p.numel() for p in network.parameters())
    return Graph(onnx=b"", trained=None, parameters=size)  # type: ignore[arg-type]


def by_weights(runtimes: Mapping[str, Any]) -> dict[str, float]:
    """A timer without a clock: a thousand weights take a millisecond."""
    return {name: r.weights / 1000 for name, r in runtimes.items()}


def test_a_pruned_network_is_recovered_by_the_training_and_goes_on_where_it_stopped(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "pruned"
    monkeypatch.setattr(stage, "build_graph", untraced)
    done = prune(recipe, out, Stages(), open=Weighed, timer=by_weights)
    log = json.loads((out / "step1" / "log.json").read_text())
    assert log[-1]["batch"] == 2 * (5 // 2)  # epochs, graded frames, frames in a batch
    assert {"dice_0", "dice_1"} <= set(log[-1])  # the set of masks only is judged as well
    (cut, recovered) = done.report["history"]
    assert set(recovered["recovery"][0]) == {"dice one", "auroc one", "dice two", "auroc two"}
    assert recipe.prune is not None
    again = load_slim(load_network(recipe), done.weights, recipe.prune)
    wide = dict(load_network(recipe).named_modules())["trunk._blocks.0._depthwise_conv"]
    slim = dict(again.named_modules())["trunk._blocks.0._depthwise_conv"]
    assert slim.in_channels == slim.out_channels == slim.groups < wide.groups
    assert all(width % 16 == 0 for width in cut["cut to"].values())
    before = done.weights.read_bytes()
    prune(recipe, out, Stages(), open=Weighed, timer=by_weights)
    assert done.weights.read_bytes() == before


def test_it_learns_from_the_unpruned_network_and_from_others(
    recipe: Recipe, tmp_path: Path, reference: Path
) -> None:
    from recover import recover  # type: ignore[import-not-found]

    torch.manual_seed(1)
    network = load_network(recipe)
    other = tmp_path / "other.safetensors"
    save_file({n: t.clone() for n, t in load_network(recipe).state_dict().items()}, other)

    def trained(name: str, teacher: nn.Module, **options: Any) -> nn.Module:
        student = copy.deepcopy(network)
        settings = recovery(recipe)
        recover(
            student=student,
            teacher=teacher,
            recipe=recipe,
            settings=settings,
            epochs=1,
            folder=tmp_path / name,
            progress=lambda done, of: None,
            **{**settings.arguments, **options},
        )
        return student

    strange = load_network(recipe)
    for parameter in strange.parameters():
        torch.nn.init.normal_(parameter)
    ways = [
        trained("own", network),
        trained("strange", strange),
        trained("both", strange, teachers=[str(other)]),
    ]
    ends = [way.get_parameter("lesion.weight").detach() for way in ways]
    assert not torch.equal(ends[0], ends[1])
    assert not torch.equal(ends[1], ends[2])


def test_the_best_weights_are_those_that_validation_likes_best(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: Path
) -> None:
    import recover  # type: ignore[import-not-found]

    network, folder = load_network(recipe), tmp_path / "run"
    folder.mkdir()
    nan = float("nan")
    rows = [  # the second is the best by lesions; by sets it would be the last
        {"batch": 2, "dice_0": 0.9, "auroc_0": 0.5, "dice_1": 0.3, "auroc_1": nan},
        {"batch": 4, "dice_0": 0.8, "auroc_0": 0.8, "dice_1": 0.6, "auroc_1": nan},
        {"batch": 6, "dice_0": 0.7, "auroc_0": 0.7, "dice_1": 0.9, "auroc_1": nan},
    ]
    rows = [row | {"lesions_0": 30, "lesions_1": 3} for row in rows]
    (folder / "log.json").write_text(json.dumps(rows))
    for row in rows:
        state = {n: t + row["batch"] for n, t in network.state_dict().items()}
        save_file(state, folder / f"batch{row['batch']:06d}.safetensors")
    monkeypatch.setattr(recover.train, "fit", lambda *_: network)
    for best, added in ((True, 4), (False, 0)):
        student = load_network(recipe)
        settings = recovery(recipe)
        recover.recover(
            student=student,
            teacher=network,
            recipe=recipe,
            settings=settings,
            epochs=1,
            folder=folder,
            progress=lambda done, of: None,
            best=best,
            **settings.arguments,
        )
        weight = network.get_parameter("lesion.weight") + added
        torch.testing.assert_close(student.get_parameter("lesion.weight"), weight)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"coarse": 1}, "cannot follow coarse"),
        ({"augment": "a:b", "labels": 0.5}, "cannot follow labels, augment"),
        ({"arguments": {"trunk": "lite0"}}, "trunk is not to be chosen"),
        ({"arguments": {"detekt": 0.5}}, "unrecognized arguments: --detekt 0.5"),
        ({"arguments": {"tone": 2}}, "tone"),
    ],
)
def test_what_the_training_cannot_follow_is_refused_before_it_begins(
    recipe: Recipe, tmp_path: Path, reference: Path, settings: dict[str, Any], why: str
) -> None:
    from recover import recover  # type: ignore[import-not-found]

    asked = recovery(changed(recipe, **settings))
    with pytest.raises(InvalidRecipe, match=why):
        recover(
            student=nn.Identity(),
            teacher=nn.Identity(),
            recipe=recipe,
            settings=asked,
            epochs=1,
            folder=tmp_path / "out",
            progress=lambda done, of: None,
            **asked.arguments,
        )
    assert not (tmp_path / "out").exists()
