"""A pruned candidate and what was measured of it, beside its parent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch_pruning as tp
from torch import Tensor, nn

from sonoedge.runtime import Runtime
from sonoedge_export.candidates.latency import Timer
from sonoedge_export.graph.build import Graph
from sonoedge_export.recipe.prune import Prune

Open = Callable[[str, Graph], Runtime]  # a variant's engine, over a graph
Trace = Callable[[nn.Module], Graph]  # a network's float graph


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One way to prune.

    Attributes:
        blocks: how many blocks of channels are gone.
        widths: channels left, by the root of each group.
        macs: multiply-accumulates of one frame; reported, never aimed at.
        latency_ms, parent_ms: medians per variant, the two taking turns.
        before_recovery: figures of the cut network, untrained (see `accuracy`).
    """

    blocks: int
    widths: Mapping[str, int]
    parameters: int
    macs: int
    latency_ms: Mapping[str, float]
    parent_ms: Mapping[str, float]
    before_recovery: Mapping[str, float] = field(default_factory=dict)

    @property
    def speedup(self) -> float:
        """How many times faster than the parent, on the variant that gained least."""
        return min(self.parent_ms[v] / self.latency_ms[v] for v in self.latency_ms)

    def reaches(self, settings: Prune) -> bool:
        """The target is met on every variant, and so is the smallest gain."""
        if self.speedup < 1 + settings.smallest_gain:
            return False
        if settings.max_latency_ms is not None:
            return max(self.latency_ms.values()) <= settings.max_latency_ms
        return self.speedup >= (settings.target_speedup or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """The parent on its engines, and the clock: times whatever is set beside it."""

    trace: Trace
    parents: Mapping[str, Runtime]
    open: Open
    timer: Timer
    example: Tensor = field(repr=False)

    def measure(
        self, network: nn.Module, *, blocks: int, widths: Mapping[str, int], careful: int = 1
    ) -> Candidate:
        """Export, open on each engine and time; `careful` times, of which the median counts."""
        graph = self.trace(network)
        opened: dict[str, Runtime] = {}
        try:
            for variant in self.parents:
                opened[variant] = self.open(variant, graph)
            engines = {f"{v} parent": r for v, r in self.parents.items()}
            engines |= {f"{v} candidate": r for v, r in opened.items()}
            rounds = [self.timer(engines) for _ in range(careful)]
        finally:
            for runtime in opened.values():
                runtime.close()
        median = {k: sorted(r[k] for r in rounds)[careful // 2] for k in rounds[0]}
        return Candidate(
            blocks=blocks,
            widths=widths,
            parameters=sum(p.numel() for p in network.parameters()),
            macs=macs(network, self.example),
            latency_ms={v: median[f"{v} candidate"] for v in self.parents},
            parent_ms={v: median[f"{v} parent"] for v in self.parents},
        )


def macs(network: nn.Module, example: Tensor) -> int:
    """Multiply-accumulates of one frame."""
    return int(tp.utils.count_ops_and_params(network, example)[0])
