"""One variant on one runtime, up to an engine that has been asked the golden frames."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sonoedge.bundle import Bundle
from sonoedge.device.fingerprint import GpuBox
from sonoedge.device.gpu import gpu
from sonoedge.device.record import Check
from sonoedge.engines.load import load, make_runtime
from sonoedge.errors import (
    EngineFailed,
    EngineMismatch,
    MissingDependency,
    RuntimeUnavailable,
    SonoedgeError,
)
from sonoedge.processing.preprocess import Preprocess
from sonoedge.provision.build import BuildSettings, BuiltEngine, build_engine
from sonoedge.provision.check import check
from sonoedge.provision.elapsed import Say
from sonoedge.provision.precision import notes
from sonoedge.provision.tasks import ProvisionTask, usable_gpu
from sonoedge.runtime import Runtime

WARM_UP_CALLS: Final = 3


@dataclass(slots=True, kw_only=True)
class TaskState:
    """How far a task has come.

    Attributes:
        error: why it ended before its check.
        problems: what its check found; see `check`.
        off_fast_path: as in `Result`.
    """

    task: ProvisionTask
    engine: Runtime | None = None
    check: Check | None = None
    error: SonoedgeError | None = None
    problems: list[str] = field(default_factory=list)
    built: BuiltEngine | None = None
    kernels: bytes = b""
    box: GpuBox | None = None
    notes: list[str] = field(default_factory=list)
    off_fast_path: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        """What was wrong; empty where nothing was."""
        return "; ".join(self.problems) or ("" if self.error is None else str(self.error))


def prepare(bundle: Bundle, state: TaskState, build: BuildSettings, say: Say) -> None:
    """Load, build where that is needed, and check."""
    variant, runtime = state.task.variant, state.task.runtime
    try:
        if state.task.builds:
            _build(bundle, state, build, say)
        else:
            state.engine = load(bundle, variant).engine
        if state.engine is None:
            return
        state.off_fast_path = getattr(state.engine, "off_fast_path", ())
        tensor, _ = Preprocess(bundle.manifest.preprocess)(bundle.golden_frames()[0])
        for _ in range(WARM_UP_CALLS):
            state.engine.infer({state.engine.inputs[0].name: tensor})
        state.check, state.problems = check(state.engine, bundle, variant)
        state.kernels = getattr(state.engine, "kernels", bytes)()  # what the first calls compiled
    except (MissingDependency, RuntimeUnavailable, EngineFailed, EngineMismatch) as error:
        state.error = error
        if state.engine is not None:
            state.engine.close()
            state.engine = None
    say(f"{variant.id} on {runtime}: {state.why or 'golden frames right'}")


def _build(bundle: Bundle, state: TaskState, build: BuildSettings, say: Say) -> None:
    variant, runtime = state.task.variant, state.task.runtime
    missing: RuntimeUnavailable | None = None
    try:
        gpu()
    except RuntimeUnavailable as error:
        if runtime != "tensorrt-rtx":
            raise
        missing = error  # its builder needs no GPU: go as far as it goes
    else:
        state.box, issues = usable_gpu(runtime)
        state.notes += issues
    state.built = build_engine(bundle, variant, runtime, build, say)
    state.notes += notes(state.built.int8, accept_float=build.accept_float)
    if missing is not None:
        raise RuntimeUnavailable(
            f"{variant.id} was built for {runtime} ({len(state.built.data) / 1e6:.1f} MB) and "
            f"cannot be checked here: {missing}"
        )
    state.engine = make_runtime(bundle, variant, runtime, state.built.data)
    if getattr(state.engine, "note", ""):
        state.notes.append(state.engine.note)  # type: ignore[attr-defined]
    for note in state.notes:
        say(f"  {note}")
