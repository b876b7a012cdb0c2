"""Where a classifier looks: a class-activation map inside the graph.

For a network that ends in global average pooling and one linear layer, the logit
of a class is the mean over the picture of a local logit (Zhou et al. 2016,
arXiv:1512.04150). The softmax of those local logits is a map of probabilities:
unlike the usual map it is not stretched to each picture's own minimum and
maximum, so a picture with nothing in it stays dark.

Where flattened features go through linear layers with ReLU between them (AlexNet, VGG),
the logit is still a sum over the picture: with the ReLUs as they stand for this picture,
the layers are one linear layer, whose weights are their product (the gradient; Draelos
and Carin 2020, arXiv:2011.08891). Local logits are made of that sum in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sonoedge_export.graph.classifier_head import Head
from sonoedge_export.graph.deploy import Answer, pick, to_uint8
from sonoedge_export.graph.finite import finite_flag
from sonoedge_export.recipe.recipe import Outputs


class Watched(nn.Module):
    """A classifier that also returns its head's features, and what its ReLUs are given."""

    def __init__(self, network: nn.Module, head: Head) -> None:
        super().__init__()
        self.network = network
        self._names = (head.features, *head.layers[:-1])
        self._seen: dict[str, Tensor] = {}
        for name in self._names:
            network.get_submodule(name).register_forward_hook(self._keeper(name))

    def _keeper(self, name: str) -> Any:
        def keep(module: nn.Module, args: Any, output: Tensor) -> None:
            self._seen[name] = output

        return keep

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        logits = self.network(x)
        logits = logits[0] if isinstance(logits, tuple | list) else logits
        seen, self._seen = self._seen, {}
        return (logits, *(seen[name] for name in self._names))


class ActivationAnswer(Answer):
    """`lesion_map` and `class_probs` of a `Watched` classifier."""

    def __init__(
        self,
        outputs: Outputs,
        layers: Sequence[nn.Linear],
        positive: tuple[int, ...],
        map_hw: tuple[int, int],
        *,
        pooled: bool = True,
    ) -> None:
        super().__init__(outputs)
        self.layers = nn.ModuleList(layers)
        self.positive, self.map_hw, self.pooled = positive, map_hw, pooled

    @property
    def names(self) -> list[str]:
        """Names of the probabilities, in their order."""
        return ["lesion_map", "class_probs"]

    def forward(self, raw: Any) -> tuple[Tensor, ...]:
        logits, features, *before = raw
        spec = self.outputs.class_probs
        assert spec is not None
        logits = pick(logits, 0, "class_probs", 2)
        cells = self.local(logits, features, before)
        local = F.interpolate(cells, size=self.map_hw, mode="bilinear", align_corners=False)
        p = torch.softmax(local / spec.temperature, dim=1)
        value = sum((p[:, c : c + 1] for c in self.positive[1:]), p[:, self.positive[0], None])
        probs = torch.softmax(logits / spec.temperature, dim=1)
        return to_uint8(value), probs, finite_flag((logits, cells))

    def local(self, logits: Tensor, features: Tensor, before: Sequence[Tensor]) -> Tensor:
        """Logits per cell, [1, C, h, w], whose mean over the picture are the frame's.

        Args:
            logits: [1, C].
            features: [1, K, h, w].
            before: what each ReLU of the head is given, [1, n].
        """
        *hidden, last = (cast(nn.Linear, layer) for layer in self.layers)
        if self.pooled and not hidden:
            return F.conv2d(features, last.weight[:, :, None, None], last.bias)
        gain: Tensor = last.weight
        for layer, given in zip(reversed(hidden), reversed(before), strict=True):
            gain = (gain * (given > 0)) @ layer.weight
        _, depth, height, width = features.shape
        if self.pooled:
            gain = gain.reshape(-1, depth, 1, 1) / (height * width)
        else:
            gain = gain.reshape(-1, depth, height, width)
        shares = (features * gain).sum(dim=1).unsqueeze(0)
        rest = logits[:, :, None, None] - shares.sum(dim=(2, 3), keepdim=True)
        return shares * (height * width) + rest
