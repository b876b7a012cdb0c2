"""A pruned network on disk: weights, and a description to rebuild it from without pickle.

NAME.safetensors holds the weights, NAME.json which layers of the unpruned network have
how many channels now, of which parent, by which settings, and how it came about.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from sonoedge.errors import InvalidNetwork, InvalidSettings
from sonoedge.settings import plain
from sonoedge_export.graph.checkpoint import fill, read_weights
from sonoedge_export.prune.folder_file import read_file, write_file
from sonoedge_export.recipe.prune import Prune

# What a layer's type keeps of its channels, beside its tensors.
CHANNELS: Final[tuple[tuple[type[nn.Module], tuple[str, ...]], ...]] = (
    (nn.modules.conv._ConvNd, ("in_channels", "out_channels", "groups")),
    (nn.Linear, ("in_features", "out_features")),
    (nn.modules.batchnorm._NormBase, ("num_features",)),
    (nn.GroupNorm, ("num_channels",)),
    (nn.LayerNorm, ("normalized_shape",)),
    (nn.PReLU, ("num_parameters",)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What lies beside the weights.

    Attributes:
        parent_sha256: of the unpruned network, see `digest`.
        weights_sha256: of the file.
        settings: see `comparable`.
        layers: see `channels`; those alone that differ from the parent's.
        history: of each step, its widths and its recovery's log.
    """

    schema: Literal["sonoedge-slim/1"] = "sonoedge-slim/1"
    parent_sha256: str
    weights_sha256: str
    settings: Mapping[str, Any]
    layers: Mapping[str, Mapping[str, int | tuple[int, ...]]]
    history: tuple[Mapping[str, Any], ...]


def save_slim(
    slim: nn.Module,
    parent: nn.Module,
    file: Path,
    settings: Prune,
    history: list[dict[str, Any]],
) -> None:
    """Write `file` (.safetensors; weights in half precision) and the .json beside it."""
    state = {k: _packed(v) for k, v in slim.state_dict().items()}
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file(state, file)
    file.chmod(0o644)
    before, after = channels(parent), channels(slim)
    description = Description(
        parent_sha256=digest(parent),
        weights_sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        settings=comparable(settings),
        layers={name: now for name, now in after.items() if now != before[name]},
        history=tuple(history),
    )
    write_file(plain(description), file.with_suffix(".json"))


def load_slim(parent: nn.Module, file: Path, settings: Prune) -> nn.Module:
    """The slim network, in evaluation mode; the parent is not touched.

    Raises:
        InvalidNetwork: the files are missing or damaged, or were made from another parent
            or by other settings.
    """
    description = _description(file)
    _check_origin(description, parent, file, settings)
    return _rebuilt(description, parent, file)


def start_from(parent: nn.Module, file: Path) -> nn.Module:
    """The slim network that a recipe's `prune.start` names, over a parent of its architecture.

    Raises:
        InvalidNetwork: the files are missing or damaged, or of another architecture.
    """
    if file.suffix != ".safetensors" or not file.is_file():
        raise InvalidNetwork(
            f"prune.start: {file.name} is no .safetensors file; give the one that an earlier "
            "`sonoedge prune` wrote, with its .json beside it"
        )
    try:
        description = _description(file)
        _check_weights(description, file)
        return _rebuilt(description, parent, file)
    except InvalidNetwork as error:
        raise InvalidNetwork(f"prune.start: {error}") from None


def _rebuilt(description: Description, parent: nn.Module, file: Path) -> nn.Module:
    slim = copy.deepcopy(parent)
    modules, attributes = dict(slim.named_modules()), channels(slim)
    for name, values in description.layers.items():
        if name not in modules:
            raise InvalidNetwork(f"{file.stem}.json: the network has no layer {name}")
        for attribute, value in values.items():
            if attribute not in attributes.get(name, {}):
                raise InvalidNetwork(f"{file.stem}.json: the layer {name} has no {attribute}")
            setattr(modules[name], attribute, value)
    state = read_weights(file)
    _resize(slim, state)
    fill(slim, state)
    return slim.eval()


def channels(network: nn.Module) -> dict[str, dict[str, Any]]:
    """What each layer keeps of its channels, by the layer's name."""
    channels_by_layer: dict[str, dict[str, Any]] = {}
    for name, module in network.named_modules():
        for kind, attributes in CHANNELS:
            if isinstance(module, kind):
                channels_by_layer[name] = {a: plain(getattr(module, a)) for a in attributes}
    return channels_by_layer


def digest(network: nn.Module) -> str:
    """SHA-256 over names, shapes and values of all tensors of the network's state."""
    state_digest = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        array = tensor.detach().cpu().contiguous()
        state_digest.update(f"{name} {array.dtype} {tuple(array.shape)};".encode())
        state_digest.update(array.reshape(-1).view(torch.uint8).numpy().tobytes())
    return state_digest.hexdigest()


def comparable(settings: Prune) -> dict[str, Any]:
    """The settings that decide what the slim network is; none where only its file is named."""
    if settings.weights is not None and not settings.targeted and settings.recover is None:
        return {}
    values: dict[str, Any] = plain(settings)
    del values["weights"]
    if settings.start is None:
        del values["start"]  # descriptions before it was a key do not have it
    if settings.recover is not None and not settings.recover.arguments:
        del values["recover"]["arguments"]  # descriptions before it was a key do not have it
    return values


def _packed(tensor: Tensor) -> Tensor:
    """Tensors of two or more dimensions in half precision: that is what is shipped."""
    large = tensor.is_floating_point() and tensor.ndim > 1
    return (tensor.to(torch.float16) if large else tensor).detach().cpu().contiguous()


def _resize(slim: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Give parameters and buffers the shapes of the weights; `fill` then checks all names."""
    for path, module in slim.named_modules():
        tensors = (*module.named_parameters(recurse=False), *module.named_buffers(recurse=False))
        for name, current in tensors:
            new = state.get(f"{path}.{name}" if path else name)
            if new is None or new.shape == current.shape:
                continue
            empty = torch.empty(new.shape, dtype=current.dtype)
            if isinstance(current, nn.Parameter):
                setattr(module, name, nn.Parameter(empty, requires_grad=current.requires_grad))
            else:
                setattr(module, name, empty)


def _description(file: Path) -> Description:
    sidecar = file.with_suffix(".json")
    try:
        return read_file(Description, sidecar)
    except InvalidSettings as error:
        raise InvalidNetwork(f"{sidecar.name} describes no pruned network ({error})") from None


def _check_origin(description: Description, parent: nn.Module, file: Path, settings: Prune) -> None:
    remedy = "run `sonoedge prune` again"
    if description.parent_sha256 != digest(parent):
        raise InvalidNetwork(
            f"{file.name} was pruned from other weights than the recipe's; {remedy}"
        )
    expected = comparable(settings)
    differing = sorted(k for k in expected if description.settings.get(k) != expected[k])
    if differing:
        raise InvalidNetwork(
            f"{file.name} was pruned by other settings: {', '.join(differing)} of [prune] "
            f"differ; {remedy}"
        )
    _check_weights(description, file)


def _check_weights(description: Description, file: Path) -> None:
    if not file.is_file():
        raise InvalidNetwork(f"there are no weights at {file.name}")
    if description.weights_sha256 != hashlib.sha256(file.read_bytes()).hexdigest():
        raise InvalidNetwork(f"{file.name} is not the file that {file.stem}.json describes")
