"""Engines with a clock on every layer: slower than those that they stand for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerTime:
    """One operator's time, summed over the inferences counted.

    Attributes:
        name: the node's name in the graph that the engine runs, after its fusions.
        operator: its type, such as Conv.
        kernel: the implementation that ran; "" where the engine does not tell.
        calls: how often it ran.
        total_ms: in all calls together.
    """

    name: str
    operator: str
    kernel: str
    calls: int
    total_ms: float


def summed(rows: list[tuple[str, str, str, float]]) -> tuple[LayerTime, ...]:
    """(name, operator, kernel, milliseconds) of single calls, summed by the first three."""
    calls: dict[tuple[str, str, str], list[float]] = {}
    for name, operator, kernel, ms in rows:
        calls.setdefault((name, operator, kernel), []).append(ms)
    return tuple(
        LayerTime(name=name, operator=operator, kernel=kernel, calls=len(ms), total_ms=sum(ms))
        for (name, operator, kernel), ms in calls.items()
    )
