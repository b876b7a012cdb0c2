"""The graph's output `embedding`: what describes a frame, for taught scopes and for heads.

It has length 1, so that a tolerance for probabilities means something for its components too,
and distances between two frames are 0 to 2 whatever the network.
"""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import Tensor, nn

from sonoedge.errors import InvalidNetwork
from sonoedge.processing.postprocess import EMBEDDING
from sonoedge_export.graph.activation_map import ActivationAnswer
from sonoedge_export.graph.deploy import Answer, pick
from sonoedge_export.recipe.outputs import Embedding

# Shorter features are left shorter than 1; half precision still holds it.
SHORTEST: Final = 1e-4


class WithLayer(nn.Module):
    """A network that also returns what one of its modules makes.

    Args:
        network: what is run.
        owner: the network that has the module; `network` itself, or what it wraps.

    Raises:
        InvalidNetwork: there is no module of that name.
    """

    def __init__(self, network: nn.Module, owner: nn.Module, layer: str) -> None:
        super().__init__()
        self.network = network
        self._layer, self._kept = layer, list[Any]()
        try:
            module = owner.get_submodule(layer)
        except AttributeError:
            names = ", ".join(name for name, _ in owner.named_children())
            raise InvalidNetwork(
                f"outputs.embedding.layer: the network has no module {layer!r}; its first level "
                f"has {names}"
            ) from None
        module.register_forward_hook(lambda m, args, output: self._kept.append(output))

    def forward(self, x: Tensor) -> tuple[Any, Any]:
        self._kept.clear()
        raw = self.network(x)
        if not self._kept:
            raise InvalidNetwork(
                f"outputs.embedding.layer: the network does not call {self._layer!r}"
            )
        return raw, self._kept.pop()


class EmbeddedAnswer(Answer):
    """Another answer, and the embedding between its probabilities and the flag `finite`.

    Args:
        inner: the answer; for a `layer` its network is one `WithLayer`.
    """

    def __init__(self, inner: Answer, spec: Embedding) -> None:
        super().__init__(inner.outputs)
        self.inner, self.spec = inner, spec

    @property
    def names(self) -> list[str]:
        """As the answer inside."""
        return self.inner.names

    @property
    def output_names(self) -> list[str]:
        """As the answer inside, and the embedding."""
        *probabilities, finite = self.inner.output_names
        return [*probabilities, EMBEDDING, finite]

    def raw_outputs(self, raw: Any) -> dict[str, Tensor]:
        """As the answer inside."""
        return self.inner.raw_outputs(raw[0] if self.spec.layer is not None else raw)

    def forward(self, raw: Any) -> tuple[Tensor, ...]:
        inner, features = self._parts(raw)
        *answers, finite = self.inner(inner)
        return (*answers, unit(features), finite)

    def _parts(self, raw: Any) -> tuple[Any, Tensor]:
        if self.spec.layer is not None:
            return raw[0], _checked(raw[1])
        assert self.spec.output is not None
        outputs = raw[0] if isinstance(self.inner, ActivationAnswer) else raw
        return raw, _checked(pick(outputs, self.spec.output, EMBEDDING, (2, 4)))


def unit(features: Tensor) -> Tensor:
    """Features [1, K, h, w] or [1, K], averaged over the frame, at length 1: float32 [1, K]."""
    mean = features.to(torch.float32)
    if mean.ndim == 4:
        mean = mean.mean((2, 3))
    length = torch.linalg.vector_norm(mean, dim=1, keepdim=True)
    return mean / torch.maximum(length, torch.full((1, 1), SHORTEST))


def _checked(features: Any) -> Tensor:
    if isinstance(features, Tensor) and features.ndim in (2, 4) and features.shape[1] > 1:
        return features
    has = list(features.shape) if isinstance(features, Tensor) else type(features).__name__
    raise InvalidNetwork(
        f"outputs.embedding: [1, K] or [1, K, height, width] is needed, K 2 or more; this is {has}"
    )
