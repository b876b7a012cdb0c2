"""The pruned network that is shipped beside the recipe's own."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from sonoedge.errors import InvalidRecipe
from sonoedge_export.prune.slim import load_slim
from sonoedge_export.recipe.recipe import read_recipe


def pruned(whole: nn.Module, recipe: Path) -> nn.Module:
    """The pruned network of a recipe, cut from the unpruned one.

    Raises:
        InvalidRecipe: `[prune] weights` names none.
        InvalidNetwork: it was cut from another network.
    """
    other = read_recipe(recipe)
    if other.prune is None or other.prune.weights is None:
        raise InvalidRecipe(f"{recipe.name} names no pruned network ([prune] weights)")
    return load_slim(whole, other.path(other.prune.weights), other.prune)
