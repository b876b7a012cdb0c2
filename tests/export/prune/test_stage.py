from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from sonoedge.cli import main
from sonoedge.errors import InvalidNetwork, InvalidRecipe, InvalidSettings, PruningRefused
from sonoedge_export.graph.build import Graph, build_graph
from sonoedge_export.graph.load_network import load_network
from sonoedge_export.progress import Stages
from sonoedge_export.prune import find_widths, stage
from sonoedge_export.prune.pruned_graph import pruned_graph
from sonoedge_export.prune.slim import comparable, digest
from sonoedge_export.prune.stage import prune
from sonoedge_export.recipe.prune import Prune, Recover
from sonoedge_export.recipe.recipe import read_recipe

Edit = Callable[[str, str], Path]


def quiet() -> Stages:
    return Stages(io.StringIO())


def test_a_network_is_pruned_to_its_target_recovered_and_reported(
    place: Path, unclocked: dict[str, Any]
) -> None:
    recipe = read_recipe(place / "recipe.toml")
    parent = load_network(recipe)
    done = prune(recipe, place / "out", quiet(), **unclocked)
    pruned = done.report["pruned"]
    assert pruned["speedup"] >= 2.0
    assert pruned["parameters"] * 2 <= done.report["parent"]["parameters"]
    assert pruned["macs"] < done.report["parent"]["macs"]
    assert set(pruned["figures"]) == {"dice drawn"}  # one lesion: nothing to rank
    assert [len(h["recovery"]) for h in done.report["history"] if "recovery" in h] == [3]
    written = {p.name for p in (place / "out").iterdir()}
    assert written >= {"small-slim.safetensors", "small-slim.json", "report.json", "report.md",
                       "pareto.png"}  # fmt: skip
    table = (place / "out" / "report.md").read_text()
    assert f"{pruned['latency_ms']['onnxruntime-fp32']:.2f}" in table
    assert digest(load_network(recipe)) == digest(parent)
    assert np.nextafter(np.zeros(1), 1.0)[0] * 1.0 > 0  # arithmetic is the caller's again


def test_export_takes_the_recovered_network_that_the_recipe_names(
    place: Path, edited: Edit, unclocked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = prune(read_recipe(place / "recipe.toml"), place / "out", quiet(), **unclocked)
    for suffix in (".safetensors", ".json"):
        done.weights.with_suffix(suffix).rename(place / f"small-slim{suffix}")
    recipe = read_recipe(edited("[prune]\n", '[prune]\nweights = "small-slim.safetensors"\n'))
    monkeypatch.setattr(stage, "run", None)  # nothing is pruned again
    graph = pruned_graph(recipe, quiet(), place / "unused")
    assert graph.parameters == done.report["pruned"]["parameters"]
    edited("target_speedup = 2.0", "target_speedup = 1.5")
    with pytest.raises(InvalidNetwork, match="target_speedup of"):
        pruned_graph(read_recipe(place / "recipe.toml"), quiet(), place / "unused")


def test_weights_alone_are_nothing_to_prune_by(place: Path, edited: Edit) -> None:
    text = (place / "recipe.toml").read_text()
    edited(text[text.index("[prune]") :], '[prune]\nweights = "small-slim.safetensors"\n')
    with pytest.raises(InvalidRecipe, match="weights alone"):
        prune(read_recipe(place / "recipe.toml"), place / "out", quiet())


def test_a_killed_pruning_goes_on_with_the_same_folder(
    place: Path, unclocked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = read_recipe(place / "recipe.toml")
    whole = prune(recipe, place / "whole", quiet(), **unclocked)
    real = torch.save
    saved = []

    def dies(*args: Any, **kwargs: Any) -> None:
        real(*args, **kwargs)
        saved.append(1)
        if len(saved) == 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(torch, "save", dies)
        with pytest.raises(KeyboardInterrupt):
            prune(recipe, place / "killed", quiet(), **unclocked)
    monkeypatch.setattr(find_widths, "search", None)  # the search is remembered
    again = prune(recipe, place / "killed", quiet(), **unclocked)
    assert digest(again.network) == digest(whole.network)


def test_pruning_in_steps_ends_at_the_same_widths(
    place: Path, edited: Edit, unclocked: dict[str, Any]
) -> None:
    once = prune(read_recipe(place / "recipe.toml"), place / "once", quiet(), **unclocked)
    recipe = read_recipe(edited("[prune]\n", "[prune]\nsteps = 3\n"))
    thrice = prune(recipe, place / "thrice", quiet(), **unclocked)
    assert thrice.report["pruned"]["parameters"] == once.report["pruned"]["parameters"]
    assert len([h for h in thrice.report["history"] if "recovery" in h]) == 3


def test_a_target_out_of_reach_is_refused_with_exit_code_3(
    edited: Edit,
    unclocked: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recipe = edited("target_speedup = 2.0", "target_speedup = 10000.0")
    with pytest.raises(PruningRefused, match=r"10000.0 x cannot be reached"):
        prune(read_recipe(recipe), recipe.parent / "out", quiet(), **unclocked)
    # On the real engine no candidate is so much faster either.
    monkeypatch.setattr(stage, "build_graph", build_graph)
    assert main(["prune", str(recipe), "--out", str(recipe.parent / "real")]) == 3
    assert "PRUNING_REFUSED" in capsys.readouterr().err
    assert not list(recipe.parent.rglob("*slim*"))


def test_an_engine_that_gains_nothing_is_refused(place: Path, unclocked: dict[str, Any]) -> None:
    def same(runtimes: dict[str, Any]) -> dict[str, float]:
        return dict.fromkeys(runtimes, 3.0)

    with pytest.raises(PruningRefused, match=r"not 5% faster than unpruned.*3\.00 -> 3\.00"):
        prune(
            read_recipe(place / "recipe.toml"),
            place / "out",
            quiet(),
            **unclocked | {"timer": same},
        )


def test_engines_are_closed_whatever_happens(place: Path, unclocked: dict[str, Any]) -> None:
    opened = []

    def watched(variant: str, graph: Graph) -> Any:
        opened.append(unclocked["open"](variant, graph))
        return opened[-1]

    def fails(runtimes: dict[str, Any]) -> dict[str, float]:
        raise RuntimeError("the clock fell down")

    with pytest.raises(RuntimeError):
        prune(read_recipe(place / "recipe.toml"), place / "out", quiet(), open=watched, timer=fails)
    assert len(opened) == 2
    assert all(engine.closed for engine in opened)


def test_a_folder_of_another_pruning_is_refused(
    place: Path, edited: Edit, unclocked: dict[str, Any]
) -> None:
    (place / "mine").mkdir()
    (place / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(InvalidSettings, match="exists and is no pruning"):
        prune(read_recipe(place / "recipe.toml"), place / "mine", quiet(), **unclocked)
    (place / "out").mkdir()
    (place / "out" / "state.json").write_text(json.dumps({"key": "another"}))
    (place / "out" / "step1").mkdir()
    with pytest.raises(InvalidSettings, match="other weights or settings"):
        prune(read_recipe(place / "recipe.toml"), place / "out", quiet(), **unclocked)


def test_somebody_elses_loop_takes_the_place_of_ours(
    place: Path, edited: Edit, unclocked: dict[str, Any]
) -> None:
    (place / "their_loop.py").write_text(
        "def train(*, student, teacher, recipe, settings, data, epochs, folder, progress):\n"
        "    student.lesion.bias.data.fill_(7.0)\n"
        "    progress(1, 1)\n"
    )
    recipe = read_recipe(edited("epochs = 3\n", 'epochs = 3\nloop = "their_loop:train"\n'))
    done = prune(recipe, place / "out", quiet(), **unclocked)
    assert done.network.get_parameter("lesion.bias").tolist() == [7.0]


def test_a_loop_gets_its_own_arguments_beside_those_that_every_loop_gets(
    place: Path, edited: Edit, unclocked: dict[str, Any]
) -> None:
    (place / "loop_with_words.py").write_text(
        "def train(*, student, bias, **rest):\n    student.lesion.bias.data.fill_(bias)\n"
    )
    words = 'epochs = 3\nloop = "loop_with_words:train"\narguments = { bias = 5.0 }\n'
    done = prune(read_recipe(edited("epochs = 3\n", words)), place / "out", quiet(), **unclocked)
    assert done.network.get_parameter("lesion.bias").tolist() == [5.0]
    description = json.loads(done.weights.with_suffix(".json").read_text())
    assert description["settings"]["recover"]["arguments"] == {"bias": 5.0}


def test_a_loop_that_does_not_take_its_arguments_is_refused_before_the_search(
    place: Path, edited: Edit, unclocked: dict[str, Any]
) -> None:
    (place / "loop_of_few_words.py").write_text("def train(*, student, epochs): ...\n")
    words = 'epochs = 3\nloop = "loop_of_few_words:train"\narguments = { bias = 5.0 }\n'
    file = edited("epochs = 3\n", words)
    with pytest.raises(InvalidNetwork, match=r"prune.recover.loop: .*argument"):
        prune(read_recipe(file), place / "out", quiet(), **unclocked)
    assert not (place / "out" / "search.json").exists()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("arguments = { bias = 5.0 }", "the built-in one takes none"),
        ('loop = "a:b"\narguments = { data = 1, bias = 2 }', "every loop gets data already"),
    ],
)
def test_arguments_that_no_loop_can_get_are_refused(edited: Edit, words: str, why: str) -> None:
    with pytest.raises(InvalidRecipe, match=why):
        read_recipe(edited("epochs = 3\n", f"epochs = 3\n{words}\n"))


def test_a_description_from_before_loops_had_arguments_is_still_taken() -> None:
    settings = Prune(target_speedup=2.0, recover=Recover(frames=("a.json",)))
    assert "arguments" not in comparable(settings)["recover"]


def test_a_recipe_that_asks_for_no_pruning_is_refused(place: Path) -> None:
    file = place / "recipe.toml"
    file.write_text(file.read_text().partition("[prune]")[0])
    with pytest.raises(InvalidRecipe, match=r"no \[prune\] section"):
        prune(read_recipe(file), place / "out", quiet())
