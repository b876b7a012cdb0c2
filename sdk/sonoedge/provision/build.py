"""Build an engine on this device, with visible progress and time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, cast

from sonoedge.bundle import Bundle, Variant
from sonoedge.device.store import store_folder
from sonoedge.late_edges import LATE_EDGES
from sonoedge.provision.elapsed import Elapsed, Say
from sonoedge.provision.precision import Int8Layers, Report, compiled_int8, intended_int8
from sonoedge.runtime import resolve
from sonoedge.settings import plain

BUILDER: Final = LATE_EDGES["tensorrt builder"]


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
    graph, _ = bundle.read_model(variant)
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
