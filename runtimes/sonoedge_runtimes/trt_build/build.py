"""Build an engine in a child process: a parser that crashes takes nothing else with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sonoedge_runtimes.trt_build.report import Built, Flavour


def build(
    onnx: bytes,
    *,
    flavour: Flavour,
    workspace_bytes: int | None = None,
    timing_cache: Path | None = None,
    compute_capability: str | None = None,
    on_progress: Callable[[str], None] | None = None,
    timeout_s: float = 3600.0,
) -> Built:
    """Build a strongly typed engine: precision is what the graph says, node by node.

    Args:
        onnx: the graph, whole in one file.
        flavour: "tensorrt" builds for the GPU in this machine and needs it;
            "tensorrt-rtx" needs no GPU.
        workspace_bytes: limit of the builder's scratch memory; None for TensorRT's own.
        timing_cache: file that is read where it exists, and replaced after the build;
            TensorRT-RTX has none and ignores it.
        compute_capability: such as "8.6"; "tensorrt-rtx" only. None builds for the
            machine's GPU ("tensorrt-rtx": for any from Ampere on).
        on_progress: gets one short line per step.
        timeout_s: after this many seconds the build is stopped.

    Raises:
        MissingDependency: this TensorRT is not installed.
        RuntimeUnavailable: it cannot build on this machine (no GPU, no driver).
        InvalidSettings: an argument is out of range, or not for this flavour.
        EngineBuildFailed: the graph was refused, the builder failed, crashed, or took
            too long; the message carries TensorRT's own words.
    """
    raise NotImplementedError
