"""How a classifier comes from features to logits: found by trial on an example, and so proven."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sonoedge.errors import InvalidNetwork
from sonoedge_export.graph.deploy import activate, pick
from sonoedge_export.recipe.outputs import Activation

Function = Callable[[Tensor], Tensor]
Between = Literal["relu", "hardswish", "silu", "gelu"]

# What may stand between two linear layers: each is z times a gate between about 0 and 1, so
# that with the gates as they are for one picture the layers are one linear layer.
BETWEEN: Final[Mapping[Between, tuple[Function, Function]]] = {
    "relu": (F.relu, lambda z: (z > 0).to(z.dtype)),
    "hardswish": (F.hardswish, lambda z: (z / 6 + 0.5).clamp(0.0, 1.0)),
    "silu": (F.silu, torch.sigmoid),
    "gelu": (F.gelu, lambda z: 0.5 * (1.0 + torch.erf(z / math.sqrt(2.0)))),
}
APPLIED: Final[tuple[Activation, ...]] = ("none", "softmax", "sigmoid")
NO_MAP: Final = (
    'set outputs.lesion_map = "none" to export the classifier alone: frames are graded, and no '
    "region is told"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of a classifier.

    Attributes:
        features: the module whose output, [B, K, h, w], the head is given.
        pooled: the head is given its mean over h and w; otherwise all of it, flattened.
        layers: names of the linear layers, the one that makes the logits last; empty where
            the features are averaged to the logits themselves (SqueezeNet).
        between: what stands between each two layers.
        norm: the layer norm between the features and the first layer (ConvNeXt); None where
            they are fed as they are.
        activation: what the network itself applies to the logits.
        classes: how many logits there are.
    """

    features: str
    pooled: bool
    layers: tuple[str, ...]
    classes: int
    between: tuple[Between, ...] = ()
    norm: str | None = None
    activation: Activation = "none"

    def modules(self, network: nn.Module) -> list[nn.Linear]:
        """The linear layers themselves."""
        modules = [network.get_submodule(name) for name in self.layers]
        return [m for m in modules if isinstance(m, nn.Linear)]

    def layer_norm(self, network: nn.Module) -> nn.LayerNorm | None:
        """The layer norm itself."""
        module = None if self.norm is None else network.get_submodule(self.norm)
        return module if isinstance(module, nn.LayerNorm) else None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Layer:
    """A linear layer or a layer norm, what it was given and what it made of it."""

    name: str
    given: Tensor
    made: Tensor


def find_head(network: nn.Module, example: Tensor, output: str | int = 0) -> Head:
    """Find the head of a classifier.

    Args:
        output: which of the network's outputs it makes.

    Raises:
        InvalidNetwork: the output is not made by linear layers with a known activation between
            them, fed by features that are averaged or flattened (layer norm may follow), nor by
            averaging a map.
    """
    layers, norms, maps, raw = _watch(network, example)
    answer = pick(raw, output, "class_probs", 2)
    for activation in APPLIED:
        for name, value in reversed(maps):
            mean = value.mean((2, 3))
            if min(value.shape[2:]) > 1 and _same(activate(mean, activation), answer):
                return Head(
                    features=name,
                    pooled=True,
                    layers=(),
                    classes=answer.shape[1],
                    activation=activation,
                )
        for layer in reversed(layers):
            if layer.made.ndim == 2 and _same(activate(layer.made, activation), answer):
                return _head(layers, layer, norms, maps, activation)
    raise InvalidNetwork(
        "the classifier's answer is neither that of a linear layer nor a map's mean, so its "
        f"activation map is not defined; {NO_MAP}"
    )


def _head(
    layers: Sequence[_Layer],
    last: _Layer,
    norms: Sequence[_Layer],
    maps: Sequence[tuple[str, Tensor]],
    activation: Activation,
) -> Head:
    chain, between = [last], list[Between]()
    for earlier in reversed(layers[: layers.index(last)]):
        names = [n for n, (f, _) in BETWEEN.items() if _same(f(earlier.made), chain[0].given)]
        if not names:
            break
        chain.insert(0, earlier)
        between.insert(0, names[0])
    norm = next((n for n in reversed(norms) if _same(n.made, chain[0].given)), None)
    fed_to = chain[0] if norm is None else norm
    for name, value in reversed(maps):
        for pooled, fed in ((True, value.mean((2, 3))), (False, value.flatten(1))):
            if min(value.shape[2:]) > 1 and _same(fed, fed_to.given):
                return Head(
                    features=name,
                    norm=None if norm is None else norm.name,
                    pooled=pooled,
                    layers=tuple(layer.name for layer in chain),
                    classes=last.made.shape[1],
                    between=tuple(between),
                    activation=activation,
                )
    raise InvalidNetwork(
        "the classifier does not end in features, averaged (global average pooling) or flattened, "
        f"perhaps a layer norm, and linear layers with {', '.join(BETWEEN)} between them, so its "
        f"activation map is not defined; {NO_MAP}"
    )


def _watch(
    network: nn.Module, example: Tensor
) -> tuple[list[_Layer], list[_Layer], list[tuple[str, Tensor]], Any]:
    """Linear layers, layer norms and maps, each in the order of their making; the answer."""
    layers: list[_Layer] = []
    norms: list[_Layer] = []
    maps: list[tuple[str, Tensor]] = []
    hooks = []
    for name, module in network.named_modules():

        def keep(m: nn.Module, args: Sequence[Any], out: Any, name: str = name) -> None:
            if isinstance(m, nn.Linear) or (
                isinstance(m, nn.LayerNorm) and math.prod(m.normalized_shape) == out.numel()
            ):
                given, made = args[0].detach().clone(), out.detach().clone()
                kept = layers if isinstance(m, nn.Linear) else norms
                kept.append(_Layer(name=name, given=given, made=made))
            if isinstance(out, Tensor) and out.ndim == 4 and not isinstance(m, nn.Linear):
                maps.append((name, out.detach().clone()))

        if name:
            hooks.append(module.register_forward_hook(keep))
    try:
        with torch.no_grad():
            raw = network(example)
    finally:
        for hook in hooks:
            hook.remove()
    return layers, norms, maps, raw


def _same(a: Tensor, b: Tensor) -> bool:
    return a.numel() == b.numel() and torch.allclose(a.flatten(), b.flatten(), rtol=1e-4, atol=1e-5)
