"""Load a trained network without running a pickle."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from sonoedge.errors import InvalidNetwork
from sonoedge_export.recipe.recipe import Recipe


def load_network(recipe: Recipe) -> nn.Module:
    """The recipe's network with its weights, in evaluation mode, on the CPU.

    Raises:
        InvalidNetwork: the factory or the weights cannot be used; says why.
    """
    network = _make(recipe)
    if recipe.network.weights is not None:
        fill(network, read_weights(recipe.path(recipe.network.weights)))
    return network.eval()


def read_weights(file: Path) -> dict[str, Tensor]:
    """A state dict from .safetensors, or from a file that weights_only=True can read.

    Raises:
        InvalidNetwork: it cannot be read so; nothing in it was run.
    """
    if not file.is_file():
        raise InvalidNetwork(f"there are no weights at {file.name}")
    try:
        if file.suffix == ".safetensors":
            return load_file(file)
        state = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # damaged files raise a dozen classes, EOFError among them
        raise InvalidNetwork(
            f"{file.name} cannot be read as tensors alone, and was not run "
            f"({type(error).__name__}); save the state dict alone, best as .safetensors"
        ) from error
    if not isinstance(state, Mapping) or not all(isinstance(v, Tensor) for v in state.values()):
        raise InvalidNetwork(f"{file.name} is no state dict (names to tensors)")
    return dict(state)


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


def fill(network: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Load a state dict whose names and shapes are all the network's own.

    Raises:
        InvalidNetwork: they are not; says which.
    """
    own = network.state_dict()
    missing, extra = sorted(set(own) - set(state)), sorted(set(state) - set(own))
    if missing or extra:
        raise InvalidNetwork(
            f"the weights do not fit the network: missing {missing[:3]}, unexpected {extra[:3]}"
        )
    for name, tensor in state.items():
        if own[name].shape != tensor.shape:
            raise InvalidNetwork(
                f"the weights do not fit the network: {name} is {tuple(tensor.shape)}, "
                f"the network wants {tuple(own[name].shape)}"
            )
    network.load_state_dict(state)
