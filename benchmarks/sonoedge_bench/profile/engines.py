"""The engines that can tell a time per layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol, cast

from sonoedge.errors import RuntimeUnavailable
from sonoedge.late_edges import LATE_EDGES
from sonoedge.runtime import Runtime, resolve

# runtime: its entry in `sonoedge.late_edges`.
PROFILED: Final[Mapping[str, str]] = {
    "onnxruntime": "profiled onnxruntime",
    "openvino": "profiled openvino",
}


class LayerTime(Protocol):
    """See `sonoedge_runtimes.profiling.LayerTime`."""

    @property
    def name(self) -> str: ...
    @property
    def operator(self) -> str: ...
    @property
    def kernel(self) -> str: ...
    @property
    def calls(self) -> int: ...
    @property
    def total_ms(self) -> float: ...


class ProfiledRuntime(Runtime, Protocol):
    """A runtime that notes a time per layer."""

    def layer_times(self, *, skip: int) -> Sequence[LayerTime]:
        """Of all calls but the first `skip`; the engine is closed then."""
        ...


class ProfiledRuntimeClass(Protocol):
    """Makes a profiled runtime."""

    def __call__(
        self, model: bytes, *, precision: str, threads: int | None, weights: bytes | None = None
    ) -> ProfiledRuntime: ...


def profiled_class(runtime: str) -> ProfiledRuntimeClass:
    """The class of a runtime's profiled engine.

    Raises:
        RuntimeUnavailable: this runtime cannot be profiled here.
        MissingDependency: its package is not installed.
    """
    if runtime not in PROFILED:
        raise RuntimeUnavailable(
            f"{runtime} cannot be profiled by sonoedge bench; it can for {', '.join(PROFILED)}, "
            "and trtexec --dumpProfile profiles a TensorRT engine"
        )
    return cast("ProfiledRuntimeClass", resolve(LATE_EDGES[PROFILED[runtime]]))
