"""Where a classifier looks: a class-activation map inside the graph.

For a network that ends in global average pooling and one linear layer, the logit
of a class is the mean over the picture of a local logit (Zhou et al. 2016,
arXiv:1512.04150). The softmax of those local logits is a map of probabilities:
unlike the usual map it is not stretched to each picture's own minimum and
maximum, so a picture with nothing in it stays dark.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sonoedge.errors import InvalidNetwork
from sonoedge_export.deploy import Answer, pick, to_uint8
from sonoedge_export.recipe import Outputs


class Watched(nn.Module):
    """A classifier that also returns the features before its pooling."""

    def __init__(self, network: nn.Module, features: str) -> None:
        super().__init__()
        self.network = network
        self._seen: Tensor | None = None
        network.get_submodule(features).register_forward_hook(self._keep)

    def _keep(self, module: nn.Module, args: Any, output: Tensor) -> None:
        self._seen = output

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        logits = self.network(x)
        logits = logits[0] if isinstance(logits, tuple | list) else logits
        seen = self._seen
        self._seen = None
        assert seen is not None
        return logits, seen


class ActivationAnswer(Answer):
    """`lesion_map` and `class_probs` of a `Watched` classifier."""

    def __init__(
        self, outputs: Outputs, head: nn.Linear, positive: tuple[int, ...], map_hw: tuple[int, int]
    ) -> None:
        super().__init__(outputs)
        self.head, self.positive, self.map_hw = head, positive, map_hw

    @property
    def names(self) -> list[str]:
        """Names of what `forward` returns, in its order."""
        return ["lesion_map", "class_probs"]

    def forward(self, raw: Any) -> tuple[Tensor, ...]:
        logits, features = raw
        spec = self.outputs.class_probs
        assert spec is not None
        probs = torch.softmax(pick(logits, 0, "class_probs", 2) / spec.temperature, dim=1)
        local = F.conv2d(features, self.head.weight[:, :, None, None], self.head.bias)
        local = F.interpolate(local, size=self.map_hw, mode="bilinear", align_corners=False)
        p = torch.softmax(local / spec.temperature, dim=1)
        value = sum((p[:, c : c + 1] for c in self.positive[1:]), p[:, self.positive[0], None])
        return to_uint8(value), probs


def pooled_features(network: nn.Module, example: Tensor) -> tuple[str, nn.Linear]:
    """Which module's output is averaged and fed to the last linear layer.

    It is found by trial, on an example, and so is proven.

    Raises:
        InvalidNetwork: the network does not end in pooling and one linear layer.
    """
    linear = [m for m in network.modules() if isinstance(m, nn.Linear)]
    if not linear:
        raise InvalidNetwork("the classifier has no linear layer to make an activation map from")
    head, given = linear[-1], []
    maps: list[tuple[str, Tensor]] = []
    hooks = [head.register_forward_hook(lambda m, args, out: given.append(args[0].detach()))]
    for name, module in network.named_modules():

        def keep(m: nn.Module, args: Any, out: Any, name: str = name) -> None:
            if isinstance(out, Tensor) and out.ndim == 4:
                maps.append((name, out.detach().clone()))

        if name:
            hooks.append(module.register_forward_hook(keep))
    with torch.no_grad():
        network(example)
    for hook in hooks:
        hook.remove()
    for name, value in reversed(maps):
        if min(value.shape[2:]) > 1 and value.shape[1] == head.in_features:
            mean = value.mean((2, 3))
            if torch.allclose(mean, given[-1].reshape(mean.shape), rtol=1e-4, atol=1e-5):
                return name, head
    raise InvalidNetwork(
        "the classifier does not end in global average pooling and one linear layer, so its "
        "activation map is not defined; give outputs.lesion_map"
    )
