"""One variant on one runtime, up to an engine that has been asked the golden frames."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sonoedge.bundle import Bundle
from sonoedge.errors import (
    EngineFailed,
    EngineMismatch,
    MissingDependency,
    RuntimeUnavailable,
    SonoedgeError,
)
from sonoedge.gpu import gpu
from sonoedge.loading import load, loaded
from sonoedge.preprocess import Preprocess
from sonoedge.provision.box import GpuBox
from sonoedge.provision.build import BuildSettings, Engine, Say, build_engine
from sonoedge.provision.check import check
from sonoedge.provision.plan import Job, gpu_for
from sonoedge.provision.record import Check
from sonoedge.runtime import Runtime

WARM_UP_CALLS: Final = 3


@dataclass(slots=True, kw_only=True)
class At:
    """A job on its way."""

    job: Job
    engine: Runtime | None = None
    check: Check | None = None
    error: SonoedgeError | None = None
    wrong: list[str] = field(default_factory=list)
    built: Engine | None = None
    kernels: bytes = b""
    box: GpuBox | None = None
    notes: list[str] = field(default_factory=list)


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
    told = "; ".join(at.wrong) or ("golden frames right" if at.error is None else str(at.error))
    say(f"{variant.id} on {runtime}: {told}")


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
        at.box, at.notes = gpu_for(runtime)
    at.built = build_engine(bundle, variant, runtime, build, say)
    if missing is not None:
        raise RuntimeUnavailable(
            f"{variant.id} was built for {runtime} ({len(at.built.data) / 1e6:.1f} MB) and cannot "
            f"be checked here: {missing}"
        )
    at.notes += at.built.notes
    at.engine = loaded(bundle, variant, runtime, at.built.data)
    if getattr(at.engine, "note", ""):
        at.notes.append(at.engine.note)  # type: ignore[attr-defined]
    for note in at.notes:
        say(f"  {note}")
