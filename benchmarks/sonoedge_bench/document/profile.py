"""Where an engine's time goes: one line per operator, as the engine itself reports it."""

from __future__ import annotations

from dataclasses import dataclass

from sonoedge_bench.document.constraints import Positive


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One operator of the graph that the engine runs, after its own fusions.

    Attributes:
        name: the node's name in the optimized graph.
        operator: its type, such as Conv.
        kernel: the implementation that ran; "" where the engine does not tell.
        calls: per inference.
        mean_ms: per inference, mean of the inferences profiled.
        share: of the sum over all layers, 0 to 1.
        module: the network's own name of the layer, as in its state dict; "" where it has no
            weights or cannot be told.
    """

    name: str
    operator: str
    kernel: str
    calls: float
    mean_ms: float
    share: float
    module: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Time per layer, the slowest first.

    Attributes:
        inferences: engine calls that were profiled, after warm-up; not those of the figures.
        sum_ms: over all layers, per inference.
        call_ms: median duration of a profiled call: profiling costs time itself.
    """

    inferences: Positive
    sum_ms: float
    call_ms: float
    layers: tuple[Layer, ...]
