"""A factory for a network that `sonoedge prune` made slim."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from sonoedge.errors import InvalidRecipe
from sonoedge_export.graph.load_network import load_network
from sonoedge_export.prune.slim import load_slim
from sonoedge_export.recipe.recipe import read_recipe


def slim(recipe: str, weights: str) -> nn.Module:
    """The network of a recipe with [prune], with the channels that are left.

    Args:
        recipe: the recipe's path.
        weights: the .safetensors that `sonoedge prune` wrote; its .json lies beside it.
    """
    parent = read_recipe(recipe)
    if parent.prune is None:
        raise InvalidRecipe(f"{recipe} has no [prune]")
    return load_slim(load_network(parent), Path(weights), parent.prune)
