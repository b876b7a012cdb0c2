"""The machine: what it is, and what its clocks, sensors and memory say while it works."""

from sonoedge_bench.machine.identity import machine

__all__ = ["machine"]
