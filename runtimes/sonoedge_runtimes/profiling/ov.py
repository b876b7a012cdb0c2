"""OpenVINO with its performance counters."""

from __future__ import annotations

from typing import Any

from sonoedge.runtime import Tensors
from sonoedge_runtimes.ov import OpenVino, ov
from sonoedge_runtimes.profiling import LayerTime, summed

Rows = list[tuple[str, str, str, float]]


class ProfiledOpenVino(OpenVino):
    """`OpenVino` that notes each node's time after each call."""

    def __init__(
        self, model: bytes, *, precision: str, threads: int | None, weights: bytes | None = None
    ) -> None:
        super().__init__(model, precision=precision, threads=threads, weights=weights)
        self._calls: list[Rows] = []

    def infer(self, tensors: Tensors) -> Tensors:
        """Run once and wait; the arrays returned belong to the caller."""
        outputs = super().infer(tensors)
        executed = ov.ProfilingInfo.Status.EXECUTED
        self._calls.append(
            [
                (n.node_name, n.node_type, n.exec_type, n.real_time.total_seconds() * 1000)
                for n in self._request.profiling_info
                if n.status == executed
            ]
        )
        return outputs

    def layer_times(self, *, skip: int) -> tuple[LayerTime, ...]:
        """Of all calls but the first `skip`; the engine is closed then."""
        self.close()
        return summed([row for call in self._calls[skip:] for row in call])

    def _config(self, precision: str, threads: int | None) -> dict[str, Any]:
        return super()._config(precision, threads) | {"PERF_COUNT": True}
