"""Where a classifier looks: a class-activation map inside the graph.

For a network that ends in global average pooling and one linear layer, the logit
of a class is the mean over the picture of a local logit (Zhou et al. 2016,
arXiv:1512.04150). The softmax of those local logits is a map of probabilities:
unlike the usual map it is not stretched to each picture's own minimum and
maximum, so a picture with nothing in it stays dark. Where a convolution makes a map per
class and the map is averaged (SqueezeNet), its cells are the local logits themselves.

Where flattened features go through linear layers with ReLU between them (AlexNet, VGG),
the logit is still a sum over the picture: with the ReLUs as they stand for this picture,
the layers are one linear layer, whose weights are their product (the gradient; Draelos
and Carin 2020, arXiv:2011.08891). Local logits are made of that sum in the same way. The
same holds for any activation that is its input times a gate (MobileNetV3's hard swish), and
for a layer norm in front of the layers (ConvNeXt) with its deviation as it is for this picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from torch import Tensor, nn
from torch.nn import functional as F

from sonoedge.errors import InvalidNetwork
from sonoedge_export.graph.classifier_head import BETWEEN, Head
from sonoedge_export.graph.deploy import (
    Answer,
    activate,
    channel_sum,
    pick,
    probabilities,
    to_uint8,
    two_classes,
)
from sonoedge_export.graph.finite import finite_flag
from sonoedge_export.recipe.outputs import Output, Outputs


class WithFeatures(nn.Module):
    """A classifier that also returns its head's features, and what its layers make of them."""

    def __init__(self, network: nn.Module, head: Head) -> None:
        super().__init__()
        self.network = network
        self._names = (head.features, *head.layers)
        self._kept: dict[str, Tensor] = {}
        for name in self._names:
            network.get_submodule(name).register_forward_hook(self._keeper(name))

    def _keeper(self, name: str) -> Any:
        def keep(module: nn.Module, args: Any, output: Tensor) -> None:
            self._kept[name] = output

        return keep

    def forward(self, x: Tensor) -> tuple[Any, ...]:
        raw = self.network(x)
        kept, self._kept = self._kept, {}
        return (raw, *(kept[name] for name in self._names))


class ActivationAnswer(Answer):
    """`lesion_map` and `class_probs` of a classifier `WithFeatures`."""

    def __init__(
        self,
        outputs: Outputs,
        head: Head,
        layers: Sequence[nn.Linear],
        positive: tuple[int, ...],
        map_hw: tuple[int, int],
        norm: nn.LayerNorm | None = None,
    ) -> None:
        super().__init__(outputs)
        self.norm = norm
        self.layers = nn.ModuleList(layers)
        self.head, self.positive, self.map_hw = head, positive, map_hw
        asked, applied = self._spec("class_probs").activation, head.activation
        if (asked == "none") != (applied != "none"):
            raise InvalidNetwork(
                f"outputs.class_probs.activation is {asked!r}, but the network "
                + (
                    "gives logits; set activation = 'softmax', or 'sigmoid' for labels that do "
                    "not exclude each other"
                    if asked == "none"
                    else f"applies a {applied} itself; set activation = 'none'"
                )
            )

    @property
    def names(self) -> list[str]:
        """Names of the probabilities, in their order."""
        return ["lesion_map", "class_probs"]

    def raw_outputs(self, raw: Any) -> dict[str, Tensor]:
        """The classifier's own output."""
        return {"class_probs": pick(raw[0], self._spec("class_probs").output, "class_probs", 2)}

    def forward(self, raw: Any) -> tuple[Tensor, ...]:
        _, features, *made = raw
        answer, spec = self.raw_outputs(raw)["class_probs"], self._spec("class_probs")
        cells = self.local(features, made)
        local = F.interpolate(cells, size=self.map_hw, mode="bilinear", align_corners=False)
        value = channel_sum(two_classes(self._map(local, spec)), self.positive, "class_probs")
        probs = two_classes(probabilities(answer, spec, "class_probs"))
        return to_uint8(value), probs, finite_flag((answer, cells))

    def _map(self, local: Tensor, spec: Output) -> Tensor:
        """Local logits to probabilities, as the frame's logits become them."""
        if spec.activation == "none":
            return activate(local, self.head.activation)
        return probabilities(local, spec, "class_probs")

    def local(self, features: Tensor, made: Sequence[Tensor]) -> Tensor:
        """Logits per cell, [1, C, h, w], whose mean over the picture are the frame's.

        Args:
            features: [1, K, h, w].
            made: what each layer of the head made, [1, n]; the logits last.
        """
        if not self.layers:
            return features
        *hidden, last = (cast(nn.Linear, layer) for layer in self.layers)
        if self.head.pooled and self.norm is None and not hidden:
            return F.conv2d(features, last.weight[:, :, None, None], last.bias)
        gain: Tensor = last.weight
        *before, logits = made
        steps = zip(reversed(hidden), reversed(before), reversed(self.head.between), strict=True)
        for layer, given, name in steps:
            gain = (gain * BETWEEN[name][1](given)) @ layer.weight
        if self.norm is not None:
            gain = _through(self.norm, features, gain, pooled=self.head.pooled)
        _, depth, height, width = features.shape
        if self.head.pooled:
            gain = gain.reshape(-1, depth, 1, 1) / (height * width)
        else:
            gain = gain.reshape(-1, depth, height, width)
        shares = (features * gain).sum(dim=1).unsqueeze(0)
        rest = logits[:, :, None, None] - shares.sum(dim=(2, 3), keepdim=True)
        return shares * (height * width) + rest


def _through(norm: nn.LayerNorm, features: Tensor, gain: Tensor, *, pooled: bool) -> Tensor:
    """The layers' weights, [C, n], for what the norm is given in place of what it makes.

    It subtracts the mean, which is linear, and divides by the deviation, which is kept.
    """
    given = features.mean((2, 3)) if pooled else features.flatten(1)
    deviation = (given.var(dim=1, unbiased=False, keepdim=True) + norm.eps).sqrt()
    weighed = (gain * norm.weight.flatten() if norm.elementwise_affine else gain) / deviation
    return weighed - weighed.mean(dim=1, keepdim=True)
