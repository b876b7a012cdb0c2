"""One variant on one runtime, up to an engine that has been asked the golden frames."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sonoedge.bundle import Bundle
from sonoedge.device.fingerprint import GpuBox
from sonoedge.device.gpu import gpu
from sonoedge.device.record import Check
from sonoedge.engines.load import load, loaded
from sonoedge.errors import (
    EngineFailed,
    EngineMismatch,
    MissingDependency,
    RuntimeUnavailable,
    SonoedgeError,
)
from sonoedge.processing.preprocess import Preprocess
from sonoedge.provision.build import BuildSettings, Engine, Say, build_engine
from sonoedge.provision.check import check
from sonoedge.provision.plan import Job, gpu_for
from sonoedge.provision.precision import notes
from sonoedge.runtime import Runtime

WARM_UP_CALLS: Final = 3


@dataclass(slots=True, kw_only=True)
class At:
    """A job on its way.

    Attributes:
        error: why it ended before its check.
        wrong: what its check found; see `check`.
    """

    job: Job
    engine: Runtime | None = None
    check: Check | None = None
    error: SonoedgeError | None = None
    wrong: list[str] = field(default_factory=list)
    built: Engine | None = None
    kernels: bytes = b""
    box: GpuBox | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def why(self) -> str:
        """What was wrong; empty where nothing was."""
        return "; ".join(self.wrong) or ("" if self.error is None else str(self.error))


def ready(bundle: Bundle, at: At, build: BuildSettings, say: Say) -> None:
    """Load, build where that is needed, and check."""
    variant, runtime = at.job.variant, at.job.runtime
    try:
        if at.job.builds:
            _build(bundle, at, build, say)
        else:
            at.engine = load(bundle, variant).engine
        if at.engine is None:
            return
        for _ in range(WARM_UP_CALLS):
            spec = at.engine.inputs[0]
            tensor, _ = Preprocess(bundle.manifest.preprocess)(bundle.golden_frames()[0])
            at.engine.infer({spec.name: tensor})
        at.check, at.wrong = check(at.engine, bundle, variant)
        at.kernels = getattr(at.engine, "kernels", bytes)()  # what the first calls compiled
    except (MissingDependency, RuntimeUnavailable, EngineFailed, EngineMismatch) as error:
        at.error = error
        if at.engine is not None:
            at.engine.close()
            at.engine = None
    say(f"{variant.id} on {runtime}: {at.why or 'golden frames right'}")


def _build(bundle: Bundle, at: At, build: BuildSettings, say: Say) -> None:
    variant, runtime = at.job.variant, at.job.runtime
    missing: RuntimeUnavailable | None = None
    try:
        gpu()
    except RuntimeUnavailable as error:
        if runtime != "tensorrt-rtx":
            raise
        missing = error  # its builder needs no GPU: go as far as it goes
    else:
        at.box, known = gpu_for(runtime)
        at.notes += known
    at.built = build_engine(bundle, variant, runtime, build, say)
    at.notes += notes(at.built.int8, accept_float=build.accept_float)
    if missing is not None:
        raise RuntimeUnavailable(
            f"{variant.id} was built for {runtime} ({len(at.built.data) / 1e6:.1f} MB) and cannot "
            f"be checked here: {missing}"
        )
    at.engine = loaded(bundle, variant, runtime, at.built.data)
    if getattr(at.engine, "note", ""):
        at.notes.append(at.engine.note)  # type: ignore[attr-defined]
    for note in at.notes:
        say(f"  {note}")
