from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save_file

from sonoedge_export.graph.load_network import load_network
from sonoedge_export.recipe.network import Network
from sonoedge_export.recipe.recipe import read_recipe


def test_half_precision_weights_are_widened_and_none_is_changed(workplace: Path) -> None:
    sys.modules.pop("network", None)
    recipe = read_recipe(workplace / "recipe.toml")
    half = {k: v.half() for k, v in load_network(recipe).state_dict().items()}
    save_file(half, workplace / "half.safetensors")
    spec = Network(factory="network:dark_spots", weights="half.safetensors")
    state = load_network(replace(recipe, network=spec)).state_dict()
    assert all(t.dtype == torch.float32 for t in state.values())
    assert all((state[name] == tensor.float()).all() for name, tensor in half.items())
