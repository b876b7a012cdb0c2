"""Which channels can only go together: Torch-Pruning's dependency graph.

Fang et al. 2023, "DepGraph: Towards Any Structural Pruning" (arXiv:2301.12900): a
skip connection couples the layers on both its sides, a concatenation shifts the
channels of its later parts, a normalization loses what its convolution loses.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import torch
import torch_pruning as tp
from torch import Tensor, nn
from torch.nn import functional as F

from sonoedge.errors import InvalidNetwork, InvalidSettings

# Channels do not pass through these: their outputs are channels of their own.
MIXES = (tp.ops.OPTYPE.CONV, tp.ops.OPTYPE.LINEAR)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coupled:
    """Layers whose output channels can only be removed together.

    Attributes:
        root: the first of them, by name.
        layers: all of them.
        channels: how many output channels the root has.
        group: Torch-Pruning's group over all channels.
    """

    root: str
    layers: tuple[str, ...]
    channels: int
    group: Any


class Coupling:
    """A network's coupled layers, and the surgery that removes channels of them.

    Raises:
        InvalidNetwork: the network cannot be traced.
    """

    def __init__(self, network: nn.Module, example: Tensor) -> None:
        self.network = network
        self._names = {module: name for name, module in network.named_modules()}
        with warnings.catch_warnings(), torch.enable_grad(), _followable(network):
            warnings.simplefilter("ignore")
            try:
                self._graph = tp.DependencyGraph().build_dependency(network, example, verbose=False)
            except (RuntimeError, AttributeError, TypeError, ValueError) as error:
                raise InvalidNetwork(
                    f"the network's layers cannot be followed for pruning: {str(error)[:200]}"
                ) from error

    def groups(self, protect: Sequence[str] = ()) -> list[Coupled]:
        """What may be pruned: neither protected nor part of the network's outputs.

        Raises:
            InvalidSettings: a name in `protect` fits no layer.
        """
        for pattern in protect:
            if not any(fnmatchcase(name, pattern) for name in self._names.values()):
                raise InvalidSettings(f"protect: {pattern!r} fits no layer of the network")
        return [
            c
            for c in self._all()
            if not any(fnmatchcase(name, p) for name in c.layers for p in protect)
            and not any(self._ends(d.target) for d, _ in c.group if self._gives(d))
            and not any(_grouped(d.target.module) for d, _ in c.group)
        ]

    def remove(self, channels: Mapping[str, Sequence[int]]) -> None:
        """Cut output channels, by root, out of the network; whatever reads them follows."""
        modules = dict(self.network.named_modules())
        for root, indices in channels.items():
            layer = modules[root]
            cut = self._graph.get_pruner_of_module(layer).prune_out_channels
            group = self._graph.get_pruning_group(layer, cut, list(indices))
            if not self._graph.check_pruning_group(group):
                raise InvalidNetwork(f"no channel of {root} would be left")
            group.prune()

    def _all(self) -> Iterator[Coupled]:
        for group in self._graph.get_all_groups():
            root = group[0].dep.target.module
            layers = [self._names[d.target.module] for d, _ in group if self._gives(d)]
            yield Coupled(
                root=self._names[root],
                layers=tuple(layers),
                channels=len(group[0].idxs),
                group=group,
            )

    def _gives(self, dependency: Any) -> bool:
        """Output channels of a layer with weights are removed."""
        return dependency.target.module in self._names and bool(
            self._graph.is_out_channel_pruning_fn(dependency.handler)
        )

    def _ends(self, node: Any) -> bool:
        """The node's channels are channels of an output of the network."""
        queue, visited = [node], {id(node)}
        while queue:
            current = queue.pop()
            if not current.outputs:
                return True
            for successor in current.outputs:
                if successor.type not in MIXES and id(successor) not in visited:
                    visited.add(id(successor))
                    queue.append(successor)
        return False


@contextlib.contextmanager
def _followable(network: nn.Module) -> Iterator[None]:
    """While the block runs, activations are such that the trace can be followed.

    Those that overwrite their input hide what came before them; a PReLU's one weight looks
    like a second way to the output.
    """
    overwriting = [m for m in network.modules() if getattr(m, "inplace", None) is True]
    single = [m for m in network.modules() if isinstance(m, nn.PReLU) and m.num_parameters == 1]
    for module in overwriting:
        module.inplace = False  # type: ignore[assignment]
    for module in single:
        module.forward = F.leaky_relu  # type: ignore[method-assign]
    try:
        yield
    finally:
        for module in overwriting:
            module.inplace = True  # type: ignore[assignment]
        for module in single:
            del module.forward


def _grouped(module: object) -> bool:
    """A convolution in groups of several channels, of which none can go alone."""
    return isinstance(module, nn.modules.conv._ConvNd) and 1 < module.groups < module.in_channels
