"""Build an engine on this device, with visible progress and time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, cast

from sonoedge.bundle import Bundle, Variant
from sonoedge.device.store import store_folder
from sonoedge.late_edges import LATE_EDGES
from sonoedge.provision.precision import Int8Layers, Report, compiled_int8, intended_int8
from sonoedge.runtime import resolve
from sonoedge.settings import plain

BUILDER: Final = LATE_EDGES["tensorrt builder"]

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSettings:
    """How to build.

    Attributes:
        workspace_bytes: limit of the builder's scratch memory; None for its own.
        compute_capability: for TensorRT-RTX, such as "8.6"; None for this machine's GPU.
        device: what the engine runs on: "gpu"; "dla" is refused.
        accept_float: keep an engine that computes in float what was meant in int8.
        timeout_s: a build that takes longer is stopped.
    """

    workspace_bytes: int | None = None
    compute_capability: str | None = None
    device: str = "gpu"
    accept_float: bool = False
    timeout_s: float = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltEngine:
    """An engine as it was built.

    Attributes:
        report: what the builder reported, as JSON holds it.
        log: everything that TensorRT said.
        int8: how the layers were compiled that are meant in int8.
    """

    data: bytes
    report: dict[str, Any]
    log: str
    int8: Int8Layers


class BuildResult(Protocol):
    """What a builder gives."""

    @property
    def engine(self) -> bytes: ...
    @property
    def report(self) -> Report: ...
    @property
    def log(self) -> str: ...


class Builder(Protocol):
    """See `sonoedge_runtimes.trt_build.build`."""

    def __call__(
        self,
        onnx: bytes,
        *,
        flavour: str,
        workspace_bytes: int | None,
        timing_cache: Path | None,
        compute_capability: str | None,
        device: str,
        on_progress: Callable[[str], None] | None,
        timeout_s: float,
    ) -> BuildResult: ...


def check_device(name: str) -> None:
    """Pass where engines are built for such a device.

    Raises:
        RuntimeUnavailable: they are not, such as for "dla".
    """
    cast("Callable[[str], None]", resolve(LATE_EDGES["tensorrt devices"]))(name)


def build_engine(
    bundle: Bundle, variant: Variant, runtime: str, settings: BuildSettings, say: Say
) -> BuiltEngine:
    """An engine of a variant's graph.

    Raises:
        MissingDependency, RuntimeUnavailable: this TensorRT cannot build here.
        EngineBuildFailed: it refused the graph, failed, crashed, or took too long.
    """
    build = cast("Builder", resolve(BUILDER))
    graph = bundle.read(variant.model)
    with Elapsed(f"{variant.id} on {runtime}", say) as elapsed:
        result = build(
            graph,
            flavour=runtime,
            workspace_bytes=settings.workspace_bytes,
            timing_cache=store_folder(bundle.folder) / f"timing.{runtime}.cache",
            compute_capability=settings.compute_capability,
            device=settings.device,
            on_progress=elapsed.step,
            timeout_s=settings.timeout_s,
        )
    int8 = compiled_int8(result.report, intended_int8(bundle, variant))
    return BuiltEngine(data=result.engine, report=plain(result.report), log=result.log, int8=int8)


class Elapsed:
    """Says each step of something long, and every few seconds that it goes on.

    Args:
        say: gets one line at a time.
        every_s: seconds of silence after which the last step is said again.
    """

    def __init__(self, title: str, say: Say, every_s: float = 10.0) -> None:
        self._title, self._say, self._every_s = title, say, every_s
        self._step = "begun"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._remind, daemon=True)
        self._start_s = time.monotonic()

    def step(self, name: str) -> None:
        """A step begins."""
        if name != self._step:
            self._step = name
            self._tell()

    def __enter__(self) -> Elapsed:
        self._tell()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._step = "done" if error is None else "failed"
        self._tell()

    def _remind(self) -> None:
        while not self._stop.wait(self._every_s):
            self._tell()

    def _tell(self) -> None:
        self._say(f"  {time.monotonic() - self._start_s:6.1f} s  {self._title}: {self._step}")
