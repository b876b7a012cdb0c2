"""The build itself, against whichever TensorRT is there; runs in the child process only.

One way for TensorRT 10.3, 10.x, 11.x and TensorRT-RTX: a strongly typed network, so that
precision is in the graph and no precision flag is ever set. Names differ between
versions; what is not there by its name is not used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sonoedge.device.gpu import gpu
from sonoedge.errors import EngineBuildFailed, InvalidSettings
from sonoedge_runtimes.trt_build.explain import explain

ERRORS = ("ERROR", "INTERNAL_ERROR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What `build` was asked for; see there."""

    flavour: str
    workspace_bytes: int | None
    compute_capability: str | None


class Log:
    """Keeps what TensorRT says; `write` gets each record as it comes."""

    def __init__(self, write: Callable[[str, str], None]) -> None:
        self._write = write
        self.records: list[tuple[str, str]] = []

    def logger(self, trt: Any) -> Any:
        """TensorRT's logger; the first one of a process is the only one it ever uses."""
        add = self.add

        class Logger(trt.ILogger):  # type: ignore[misc]
            def __init__(self) -> None:
                trt.ILogger.__init__(self)  # super() would skip the native half

            def log(self, severity: Any, msg: str) -> None:
                add(severity.name, msg)

        return Logger()

    def errors(self) -> list[str]:
        """The error messages so far."""
        return [message for severity, message in self.records if severity in ERRORS]

    def add(self, severity: str, message: str) -> None:
        """Keep and write one record."""
        self.records.append((severity, message))
        self._write(severity, message)


def compile_engine(
    trt: Any, request: Request, onnx: bytes, cache: bytes, log: Log, say: Callable[[str], None]
) -> tuple[bytes, bytes]:
    """The serialized engine, and the timing cache after it (empty where there is none).

    Raises:
        RuntimeUnavailable: there is no GPU, and this TensorRT needs one.
        EngineBuildFailed, InvalidSettings: see `build`.
    """
    if request.flavour == "tensorrt":
        gpu()  # the driver is asked before TensorRT is: without a GPU the native one crashes
    logger = log.logger(trt)
    builder = trt.Builder(logger)
    say("parse the graph")
    network = parse(trt, builder, onnx, log, logger)
    config = builder.create_builder_config()
    config.profiling_verbosity = trt.ProfilingVerbosity.DETAILED
    if request.workspace_bytes is not None:
        config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, request.workspace_bytes)
    if request.flavour == "tensorrt":
        _use_cache(config, cache, log)
    elif request.compute_capability is not None:
        _target(trt, config, request.compute_capability)
    monitor = _monitor(trt, say)  # must outlive the build
    config.progress_monitor = monitor
    say("build the engine")
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise EngineBuildFailed(f"TensorRT could not build the engine: {explain(log.errors())}")
    cache_after = config.get_timing_cache() if request.flavour == "tensorrt" else None
    return bytes(plan), b"" if cache_after is None else bytes(cache_after.serialize())


def parse(trt: Any, builder: Any, onnx: bytes, log: Log, logger: Any) -> Any:
    """The network of a graph, strongly typed.

    Raises:
        EngineBuildFailed: it was refused, or would be read as another network.
    """
    # The flag's position differs between versions; from 11 on it is always in force.
    flag = trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED
    network = builder.create_network(1 << int(flag))
    parser = trt.OnnxParser(network, logger)
    if not parser.parse(onnx):
        errors = [parser.get_error(i) for i in range(parser.num_errors)]
        messages = [
            f"{error.node_operator()} {error.node_name()}: {error.desc()}" for error in errors
        ]
        raise EngineBuildFailed(f"TensorRT refused the graph: {'; '.join(messages)[:1000]}")
    if network.num_inputs == 0 or network.num_outputs == 0:
        # Bytes that are no model at all parse "successfully".
        raise EngineBuildFailed("these bytes are no ONNX graph: the network is empty")
    misread = [m for _, m in log.records if "UINT8 zero_point" in m and "INT8 instead" in m]
    if misread:
        raise EngineBuildFailed(
            f"{len(misread)} uint8 quantizations would be read as int8 with the same scale, which "
            "cuts half of the range off; export the graph with target tensorrt"
        )
    return network


def _target(trt: Any, config: Any, capability: str) -> None:
    name = "SM" + capability.replace(".", "")
    names = trt.ComputeCapability.__members__
    if name not in names:
        numbers = sorted(int(n[2:]) for n in names if n.startswith("SM"))
        available = ", ".join(f"{n // 10}.{n % 10}" for n in numbers)
        raise InvalidSettings(
            f"this TensorRT-RTX does not build for compute capability {capability}; "
            f"it has {available}"
        )
    config.num_compute_capabilities = 1
    if not config.set_compute_capability(names[name], 0):
        raise EngineBuildFailed(f"TensorRT-RTX refused compute capability {capability}")


def _use_cache(config: Any, stored: bytes, log: Log) -> None:
    """Timings of earlier builds; those of another GPU or version are dropped, and it is said."""
    cache = config.create_timing_cache(stored)
    if cache is not None and config.set_timing_cache(cache, False):
        return
    log.add("WARNING", "the timing cache does not fit this GPU and TensorRT; a new one is begun")
    config.set_timing_cache(config.create_timing_cache(b""), False)


def _monitor(trt: Any, say: Callable[[str], None]) -> Any:
    """Says the steps of the outermost phase, and the names of those right below it."""

    class Monitor(trt.IProgressMonitor):  # type: ignore[misc]
        def __init__(self) -> None:
            trt.IProgressMonitor.__init__(self)
            self.outer: dict[str, int] = {}

        def phase_start(self, name: str, parent: str | None, steps: int) -> None:
            if parent is None:
                self.outer[name] = steps
            elif parent in self.outer:
                say(name.lower())

        def step_complete(self, name: str, step: int) -> bool:
            if name in self.outer:
                say(f"{name.lower()}: step {step + 1} of {self.outer[name]}")
            return True  # go on

        def phase_finish(self, name: str) -> None:
            self.outer.pop(name, None)

    return Monitor()
