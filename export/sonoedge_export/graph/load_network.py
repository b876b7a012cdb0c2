"""Make the recipe's network and give it its weights."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

from torch import nn

from sonoedge.errors import InvalidNetwork
from sonoedge_export.graph.checkpoint import fill, read_weights
from sonoedge_export.recipe.network import Network
from sonoedge_export.recipe.recipe import Recipe


def load_network(recipe: Recipe) -> nn.Module:
    """The recipe's network with its weights, in float32 and evaluation mode, on the CPU.

    Half-precision weights are widened, which changes none of them.

    Raises:
        InvalidNetwork: the factory or the weights cannot be used; says why.
    """
    network, spec, file = _make(recipe.network, recipe.folder), recipe.network, recipe.files.network
    if file is not None:
        fill(network, read_weights(file, spec.weights_key, spec.weights_prefix))
    return network.float().eval()


def named(folder: Path, path: str, key: str) -> Any:
    """What "module:function" names; modules beside the recipe are found first.

    Args:
        folder: where the recipe lies.

    Raises:
        InvalidNetwork: there is no such module or function; says so of the recipe's `key`.
    """
    module, _, function = path.partition(":")
    sys.path.insert(0, str(folder))
    try:
        return getattr(importlib.import_module(module), function)
    except ModuleNotFoundError as error:
        raise InvalidNetwork(f"{key}: no module {error.name!r}") from error
    except AttributeError as error:
        raise InvalidNetwork(f"{key}: {error}") from error
    finally:
        sys.path.remove(str(folder))


def _make(spec: Network, folder: Path) -> nn.Module:
    factory = spec.factory or ""
    maker = named(folder, factory, "network.factory")
    try:
        network = maker(**spec.arguments)
    except TypeError as error:
        raise InvalidNetwork(f"network.factory: {error}") from error
    if not isinstance(network, nn.Module):
        raise InvalidNetwork(f"network.factory: {factory} made no torch.nn.Module")
    return network
