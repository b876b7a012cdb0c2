"""`sonoedge bench MODEL.onnx`: engine calls of a bare graph, in no bundle."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from sonoedge.device.cpu import usable_threads
from sonoedge.errors import InvalidData, MissingDependency, RuntimeUnavailable
from sonoedge.runtime import Runtime, Tensors, TensorSpec, runtime_class
from sonoedge.terminal.progress import Progress
from sonoedge_bench.document.document import Frames, Model
from sonoedge_bench.document.run import Subject
from sonoedge_bench.job import Job
from sonoedge_bench.machine.conditions import Monitor
from sonoedge_bench.machine.energy import Energy
from sonoedge_bench.modes.bare import COLUMNS, BareEngine, take_turns
from sonoedge_bench.modes.tape import Recording
from sonoedge_bench.options import Options
from sonoedge_bench.profile.engines import profiled_class
from sonoedge_bench.profile.modules import module_names
from sonoedge_bench.profile.profile import profile

RUNTIMES: Final = ("onnxruntime", "openvino")  # those that take an ONNX file as it is
INPUTS: Final = 8
# What the engines are told to compute in: what the graph itself does not quantize.
PRECISION: Final = "fp32"


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A graph's file, as its engines are given it.

    Attributes:
        inputs: drawn at random, the same for every engine.
    """

    name: str
    data: bytes
    sha256: str
    specs: tuple[TensorSpec, ...]
    inputs: tuple[Tensors, ...] = field(repr=False)


def graph_job(options: Options, energy: Energy | None) -> Job:
    """Read the graph, and open it once for its inputs.

    Raises:
        InvalidData: the file cannot be read.
        MissingDependency, RuntimeUnavailable: no engine for it is installed.
        EngineFailed: an engine refused the graph.
    """
    graph = read_graph(options.bundle, _runtimes(options)[0])
    return Job(
        model=Model(
            kind="graph",
            id=f"{graph.name}-{graph.sha256[:12]}",
            name=graph.name,
            version="",
            metrics={},
        ),
        frames=_frames(graph),
        measure=lambda recording: measure(graph, options, recording, energy),
    )


def read_graph(path: Path, runtime: str) -> Graph:
    """A graph and inputs for it, from the engine's own account of its tensors.

    Raises:
        InvalidData: the file cannot be read.
        EngineFailed: the engine refused the graph.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidData(f"{path} cannot be read: {error.strerror}") from None
    engine = runtime_class(runtime)(data, precision=PRECISION, threads=None)
    with closing(engine):
        specs = engine.inputs
    return Graph(
        name=path.stem,
        data=data,
        sha256=hashlib.sha256(data).hexdigest(),
        specs=specs,
        inputs=tuple(random_inputs(specs, seed) for seed in range(INPUTS)),
    )


def random_inputs(specs: Sequence[TensorSpec], seed: int) -> Tensors:
    """Speckle for each tensor: uint8 of 0 to 255, float32 of 0 to 1."""
    rng = np.random.default_rng(seed)
    return {
        spec.name: rng.integers(0, 256, spec.shape, dtype=np.uint8)
        if spec.dtype == "uint8"
        else rng.random(spec.shape, dtype=np.float32)
        for spec in specs
    }


def measure(
    graph: Graph,
    options: Options,
    recording: Recording,
    energy: Energy | None,
    *,
    clock_ns: Callable[[], int] = time.monotonic_ns,
) -> None:
    """Time the graph on every engine, in turns; then profile it where that is wanted.

    Raises:
        MissingDependency, RuntimeUnavailable: none of the engines can run here.
        EngineFailed: an engine refused the graph, or a call failed.
    """
    threads, frames = options.threads[0] or usable_threads(), options.frames or 1
    with ExitStack() as stack:
        engines = []
        for runtime in _runtimes(options):
            try:
                engine = _engine(graph, runtime, threads)
            except (MissingDependency, RuntimeUnavailable) as error:
                print(f"{runtime}: left out: {error}", file=sys.stderr)
                recording.skipped[runtime] = error
                continue
            stack.enter_context(closing(engine))
            tape = recording.begin(_subject(graph, runtime, threads), COLUMNS, frames)
            engines.append(BareEngine(tape=tape, infer=engine.infer))
        with Monitor() as monitor:
            for each in engines:
                each.tape.monitor = monitor
            take_turns(
                engines,
                graph.inputs,
                frames=frames,
                clock_ns=clock_ns,
                energy=energy,
                progress=Progress(frames),
            )
    if options.profile:
        for tape in recording.tapes:
            make = profiled_class(tape.subject.runtime)
            with closing(make(graph.data, precision=PRECISION, threads=threads)) as profiled:
                tape.profile = profile(
                    profiled, graph.inputs, modules=module_names(graph.data), clock_ns=clock_ns
                )


def _runtimes(options: Options) -> tuple[str, ...]:
    """Those requested, the first of which is installed."""
    if options.runtime is not None:
        return (options.runtime,)
    installed = []
    for runtime in RUNTIMES:
        try:
            runtime_class(runtime)
        except MissingDependency:
            continue
        installed.append(runtime)
    return tuple(installed) or RUNTIMES


def _engine(graph: Graph, runtime: str, threads: int) -> Runtime:
    return runtime_class(runtime)(graph.data, precision=PRECISION, threads=threads)


def _subject(graph: Graph, runtime: str, threads: int) -> Subject:
    return Subject(
        variant=runtime,
        runtime=runtime,
        precision="as in the graph",
        engine_sha256=graph.sha256,
        threads=threads,
        isolation="none",
    )


def _frames(graph: Graph) -> Frames:
    """What the engines are given, as the document names it."""
    digest = hashlib.sha256()
    for tensors in graph.inputs:
        for name, array in sorted(tensors.items()):
            digest.update(name.encode() + array.tobytes())
    shapes = {spec.shape[-2:] for spec in graph.specs if len(spec.shape) >= 2}
    return Frames(
        name="random tensors",
        count=INPUTS,
        sizes=tuple((width, height) for height, width in sorted(shapes)),
        sha256=digest.hexdigest(),
    )
