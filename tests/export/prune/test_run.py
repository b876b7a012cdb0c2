from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import save_file
from torch import nn

from sonoedge.errors import InvalidNetwork, PruningRefused
from sonoedge_export.progress import Stages
from sonoedge_export.prune.slim import digest
from sonoedge_export.prune.stage import prune
from sonoedge_export.recipe.recipe import read_recipe


def test_what_is_reported_is_what_was_written(place: Path, unclocked: dict[str, Any]) -> None:
    done = prune(
        read_recipe(place / "recipe.toml"), place / "out", Stages(io.StringIO()), **unclocked
    )
    assert json.loads((place / "out" / "report.json").read_text()) == done.report
    assert done.weights == place / "out" / "small-slim.safetensors"
    written = sum(p.numel() for p in done.network.parameters())
    assert written == done.report["pruned"]["parameters"]


def test_a_gain_that_recovery_lost_again_is_refused(place: Path, unclocked: dict[str, Any]) -> None:
    calls = 0

    def slower_at_last(runtimes: dict[str, Any]) -> dict[str, float]:
        nonlocal calls
        calls += 1
        written = any((place / "out").glob("*-slim.json"))
        return {n: 9.0 if "parent" in n or written else 1.0 for n in runtimes}

    with pytest.raises(PruningRefused, match=r"9\.00 -> 9\.00 ms"):
        prune(
            read_recipe(place / "recipe.toml"),
            place / "out",
            Stages(io.StringIO()),
            **unclocked | {"timer": slower_at_last},
        )
    assert calls > 1
    assert not (place / "out" / "report.json").exists()


def test_a_network_that_was_trained_on_has_its_pruned_one_recovered_without_a_search(
    place: Path, network: nn.Module, unclocked: dict[str, Any]
) -> None:
    def pruned(out: str) -> Any:
        recipe = read_recipe(place / "recipe.toml")
        return prune(recipe, place / out, Stages(io.StringIO()), **unclocked)

    first = pruned("out")
    state = {n: t.clone() for n, t in first.network.state_dict().items()}
    trained_on = network.state_dict()
    trained_on["lesion.bias"] += 0.1
    save_file(trained_on, place / "trained_on.safetensors")
    text = (place / "recipe.toml").read_text()
    text = text.replace("target_speedup = 2.0", 'start = "out/small-slim.safetensors"')
    factory = 'factory = "small:small"'
    text = text.replace(factory, f'{factory}\nweights = "trained_on.safetensors"')
    (place / "recipe.toml").write_text(text)
    again = pruned("again")
    assert again.report["candidates"] == []
    assert again.report["history"][0] == {"start": digest(first.network)}
    now = again.network.state_dict()
    assert {n: t.shape for n, t in now.items()} == {n: t.shape for n, t in state.items()}
    assert digest(again.network) != digest(first.network)
    assert again.report["pruned"]["speedup"] > 1
    known = json.loads(again.weights.with_suffix(".json").read_text())
    assert (
        known["parent_sha256"]
        != json.loads(first.weights.with_suffix(".json").read_text())["parent_sha256"]
    )


def test_a_start_of_another_architecture_is_refused(place: Path, unclocked: dict[str, Any]) -> None:
    prune(read_recipe(place / "recipe.toml"), place / "out", Stages(io.StringIO()), **unclocked)
    sidecar = place / "out" / "small-slim.json"
    sidecar.write_text(sidecar.read_text().replace('"inner.0"', '"within.0"'))
    text = (place / "recipe.toml").read_text()
    (place / "recipe.toml").write_text(
        text.replace("target_speedup = 2.0", 'start = "out/small-slim.safetensors"')
    )
    with pytest.raises(InvalidNetwork, match=r"no layer within\.0"):
        prune(
            read_recipe(place / "recipe.toml"), place / "again", Stages(io.StringIO()), **unclocked
        )
    assert not (place / "again").exists()
