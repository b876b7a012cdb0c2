"""A network's weights from a file, without running a pickle."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from sonoedge.errors import InvalidNetwork

# Batch normalisation counts its batches in training; no answer depends on it.
COUNTER = "num_batches_tracked"


def read_weights(
    file: Path, key: str | None = None, prefix: str | None = None
) -> dict[str, Tensor]:
    """A state dict from .safetensors, or from a file that weights_only=True can read.

    Args:
        key: which entry of a checkpoint it is; dots go further down.
        prefix: what is taken off every name; entries without it are left out.

    Raises:
        InvalidNetwork: it cannot be read so, and nothing in it was run; or it is no state
            dict: the message says what the file holds.
    """
    if not file.is_file():
        raise InvalidNetwork(f"there are no weights at {file.name}")
    try:
        if file.suffix == ".safetensors":
            state: object = load_file(file)
        else:
            state = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # damaged files raise a dozen classes, EOFError among them
        raise InvalidNetwork(
            f"{file.name} cannot be read as tensors alone, and was not run "
            f"({type(error).__name__}); save the state dict alone, best as .safetensors"
        ) from error
    tensors = _state_dict(state if key is None else _entry(state, key, file.name), file.name)
    if prefix is not None:
        tensors = {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}
        if not tensors:
            raise InvalidNetwork(
                f"network.weights_prefix: no name in {file.name} begins with {prefix!r}"
            )
    check_numbers(tensors, file.name)
    return tensors


def fill(network: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Load a state dict whose names and shapes are all the network's own.

    Counters of batch normalisation may be missing.

    Raises:
        InvalidNetwork: they are not; says which.
    """
    own = network.state_dict()
    missing = sorted(n for n in set(own) - set(state) if n.rpartition(".")[2] != COUNTER)
    extra = sorted(set(state) - set(own))
    if missing or extra:
        raise InvalidNetwork(
            f"the weights do not fit the network: missing {missing[:3]}, unexpected {extra[:3]}"
            + _prefix_advice(set(own), set(state))
        )
    for name, tensor in state.items():
        if own[name].shape != tensor.shape:
            raise InvalidNetwork(
                f"the weights do not fit the network: {name} is {tuple(tensor.shape)}, "
                f"the network wants {tuple(own[name].shape)}"
            )
    network.load_state_dict(dict(state), strict=False)


def check_numbers(tensors: Mapping[str, Tensor], file: str) -> None:
    """Refuse weights that are not numbers, and variances below 0.

    Infinity is left to the network's answers: attention masks hold it rightly.

    Raises:
        InvalidNetwork: names the tensor.
    """
    for name, tensor in tensors.items():
        if not tensor.is_floating_point():
            continue
        count = int(torch.isnan(tensor).sum())
        if count:
            raise InvalidNetwork(
                f"{file}: {count} of {tensor.numel()} values of {name} are NaN; the training "
                "diverged or the file is damaged"
            )
        if name.rpartition(".")[2] == "running_var" and bool((tensor < 0).any()):
            raise InvalidNetwork(
                f"{file}: {name} holds a variance below 0, of which there is no square root; the "
                "file is damaged"
            )


def _entry(state: object, key: str, file: str) -> object:
    for part in key.split("."):
        if not isinstance(state, Mapping) or part not in state:
            raise InvalidNetwork(f"network.weights_key: {file} has no {key!r}{_holds(state)}")
        state = state[part]
    return state


def _state_dict(state: object, file: str) -> dict[str, Tensor]:
    if _is_state_dict(state):
        return dict(state)  # type: ignore[call-overload,no-any-return]
    advice = "save the state dict alone"
    if isinstance(state, Mapping):
        keys = [str(k) for k, v in state.items() if _is_state_dict(v)]
        if keys:
            advice = " or ".join(f'set network.weights_key = "{key}"' for key in keys)
    raise InvalidNetwork(f"{file} is no state dict (names to tensors){_holds(state)}; {advice}")


def _is_state_dict(state: Any) -> bool:
    return (
        isinstance(state, Mapping)
        and bool(state)
        and all(isinstance(v, Tensor) for v in state.values())
    )


def _holds(state: object) -> str:
    if not isinstance(state, Mapping):
        return f"; it holds {type(state).__name__}"
    keys = [f"{k} (tensors)" if _is_state_dict(v) else str(k) for k, v in list(state.items())[:12]]
    return f"; it holds {', '.join(keys)}"


def _prefix_advice(own: set[str], have: set[str]) -> str:
    """What is before every name of the network in the file, where that is all."""
    some = min((n for n in own if n.rpartition(".")[2] != COUNTER), default="")
    for name in sorted(have):
        prefix = name.removesuffix(some)
        if some and prefix and name.endswith(some) and prefix.endswith("."):
            wanted = {n for n in own if n.rpartition(".")[2] != COUNTER}
            if {prefix + n for n in wanted} <= have:
                return f'; set network.weights_prefix = "{prefix}"'
    return ""
