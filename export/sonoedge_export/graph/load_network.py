"""Make the recipe's network and give it its weights."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from torch import nn

from sonoedge.errors import InvalidNetwork
from sonoedge_export.graph.checkpoint import fill, read_weights
from sonoedge_export.recipe.recipe import Recipe


def load_network(recipe: Recipe) -> nn.Module:
    """The recipe's network with its weights, in float32 and evaluation mode, on the CPU.

    Half-precision weights are widened, which changes none of them.

    Raises:
        InvalidNetwork: the factory or the weights cannot be used; says why.
    """
    network, spec = _make(recipe), recipe.network
    if spec.weights is not None:
        state = read_weights(recipe.path(spec.weights), spec.weights_key, spec.weights_prefix)
        fill(network, state)
    return network.float().eval()


def named(recipe: Recipe, path: str, key: str) -> Any:
    """What "module:function" names; modules beside the recipe are found first.

    Raises:
        InvalidNetwork: there is no such module or function; says so of the recipe's `key`.
    """
    module, _, function = path.partition(":")
    sys.path.insert(0, str(recipe.folder))
    try:
        return getattr(importlib.import_module(module), function)
    except ModuleNotFoundError as error:
        raise InvalidNetwork(f"{key}: no module {error.name!r}") from error
    except AttributeError as error:
        raise InvalidNetwork(f"{key}: {error}") from error
    finally:
        sys.path.remove(str(recipe.folder))


def _make(recipe: Recipe) -> nn.Module:
    factory = recipe.network.factory or ""
    maker = named(recipe, factory, "network.factory")
    try:
        network = maker(**recipe.network.arguments)
    except TypeError as error:
        raise InvalidNetwork(f"network.factory: {error}") from error
    if not isinstance(network, nn.Module):
        raise InvalidNetwork(f"network.factory: {factory} made no torch.nn.Module")
    return network
