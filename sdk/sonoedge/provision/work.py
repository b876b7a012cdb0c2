"""Provision a bundle on this device: build, check, time, and keep the result beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any

import cv2

from sonoedge import jetson
from sonoedge.bundle import Bundle
from sonoedge.bundle.digest import digest
from sonoedge.errors import (
    EngineFailed,
    EngineMismatch,
    GateFailed,
    MissingDependency,
    RuntimeUnavailable,
    SonoedgeError,
)
from sonoedge.gpu import gpu
from sonoedge.loading import load, loaded
from sonoedge.preprocess import Preprocess
from sonoedge.provision.box import GpuBox, cpu_box
from sonoedge.provision.build import BuildSettings, Say, build_engine
from sonoedge.provision.check import check
from sonoedge.provision.plan import Job, gpu_for
from sonoedge.provision.record import SCHEMA_VERSION, Check, EngineRecord, Provision, Result
from sonoedge.provision.store import Found, find, manifest_sha256, sidecar, store_folder, write
from sonoedge.provision.timing import interleaved_ms, timing
from sonoedge.runtime import Runtime

WARM_UP_CALLS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was done.

    Attributes:
        samples_ms: raw times of the engine calls, by variant and runtime.
        engines: the sidecars of engines that were built.
    """

    provision: Provision
    samples_ms: Mapping[str, list[float]]
    engines: tuple[EngineRecord, ...]


@dataclass(slots=True, kw_only=True)
class _At:
    """A job on its way."""

    job: Job
    engine: Runtime | None = None
    check: Check | None = None
    error: SonoedgeError | None = None
    wrong: list[str] = field(default_factory=list)
    plan: bytes | None = None
    build: dict[str, Any] = field(default_factory=dict)
    box: GpuBox | None = None
    notes: list[str] = field(default_factory=list)


def provision(
    bundle: Bundle, todo: Sequence[Job], *, build: BuildSettings, rounds: int, say: Say
) -> Done:
    """Do the jobs; what cannot run here is named and passed over.

    Args:
        rounds: turns of the timing; each engine makes five timed calls in a turn.
        say: gets one line at a time.

    Raises:
        GateFailed: every engine that ran here failed its check; nothing was written.
        MissingDependency, RuntimeUnavailable, EngineFailed: none ran here; the first
            one's reason.
        OutputError: the result cannot be written.
    """
    cv2.setNumThreads(1)  # as when a bundle is opened: what is timed is what will run
    with ExitStack() as stack:
        work = [_At(job=job) for job in todo]
        for at in work:
            _ready(bundle, at, build, say)
            if at.engine is not None:
                stack.callback(at.engine.close)
        passed = [at for at in work if at.engine is not None and not at.wrong]
        if not passed:
            raise _nothing(work)
        say(f"timing {len(passed)} in turns")
        engines = {_key(at.job): at.engine for at in passed if at.engine is not None}
        preprocess = Preprocess(bundle.manifest.preprocess)
        tensors = [preprocess(picture)[0].copy() for picture in bundle.golden_frames()]
        samples = interleaved_ms(engines, tensors, rounds=rounds)
    files: dict[str, bytes] = {}
    results, records = [], []
    for at in work:
        result = _result(at, samples)
        if at.plan is not None and result.status == "passed":
            record, result = _keep(bundle, at, result, files)
            records.append(record)
        results.append(result)
    done = Provision(
        schema_version=SCHEMA_VERSION,
        bundle_id=bundle.manifest.bundle_id,
        manifest_sha256=manifest_sha256(bundle),
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        box=cpu_box(),
        conditions=jetson.conditions(),
        results=(*_earlier(bundle, todo), *results),
    )
    write(store_folder(bundle.folder), done, files)
    named = {f"{variant} on {runtime}": ms for (variant, runtime), ms in samples.items()}
    return Done(provision=done, samples_ms=named, engines=tuple(records))


def _ready(bundle: Bundle, at: _At, build: BuildSettings, say: Say) -> None:
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
    except (MissingDependency, RuntimeUnavailable, EngineFailed, EngineMismatch) as error:
        at.error = error
        if at.engine is not None:
            at.engine.close()
            at.engine = None
    told = "; ".join(at.wrong) or ("golden frames right" if at.error is None else str(at.error))
    say(f"{variant.id} on {runtime}: {told}")


def _build(bundle: Bundle, at: _At, build: BuildSettings, say: Say) -> None:
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
    at.plan, at.build = build_engine(bundle, variant, runtime, build, say)
    if missing is not None:
        raise RuntimeUnavailable(
            f"{variant.id} was built for {runtime} ({len(at.plan) / 1e6:.1f} MB) and cannot be "
            f"checked here: {missing}"
        )
    if variant.precision == "int8" and at.build.get("layers") and not at.build.get("int8_convs"):
        at.notes.append("the builder lists no int8 convolution: this engine computes in float")
    at.engine = loaded(bundle, variant, runtime, at.plan)
    if getattr(at.engine, "note", ""):
        at.notes.append(at.engine.note)  # type: ignore[attr-defined]
    for note in at.notes:
        say(f"  {note}")


def _result(at: _At, samples: Mapping[tuple[str, str], list[float]]) -> Result:
    key = _key(at.job)
    failed = isinstance(at.error, EngineFailed | EngineMismatch)
    return Result(
        variant=at.job.variant.id,
        runtime=at.job.runtime,
        precision=at.job.variant.precision,
        status="passed" if key in samples else "failed" if at.wrong or failed else "unavailable",
        why="; ".join(at.wrong) or ("" if at.error is None else str(at.error)),
        check=at.check,
        timing=timing(samples[key]) if key in samples else None,
    )


def _keep(
    bundle: Bundle, at: _At, result: Result, files: dict[str, bytes]
) -> tuple[EngineRecord, Result]:
    """Name the engine by its digest, write its sidecar, and point to it."""
    if at.plan is None or at.box is None or result.check is None or result.timing is None:
        raise SonoedgeError("an engine passed without having been checked")
    variant, found = at.job.variant, digest(at.plan)
    stem = f"{variant.id}.{at.job.runtime}.{found.sha256[:12]}"
    record = EngineRecord(
        schema_version=SCHEMA_VERSION,
        file=f"{stem}.engine",
        digest=found,
        variant=variant.id,
        runtime=at.job.runtime,
        precision=variant.precision,
        graph=variant.model,
        graph_digest=bundle.manifest.files[variant.model],
        bundle_id=bundle.manifest.bundle_id,
        fingerprint=at.box,
        build=at.build,
        check=result.check,
        timing=result.timing,
        notes=tuple(at.notes),
    )
    files[record.file] = at.plan
    files[f"{stem}.json"] = sidecar(record)
    return record, replace(result, engine=f"{stem}.json")


def _earlier(bundle: Bundle, todo: Sequence[Job]) -> Iterator[Result]:
    """Earlier results that this run does not replace and that still hold."""
    found = find(bundle)
    if not isinstance(found, Found):
        return
    now = {_key(job) for job in todo}
    for result in found.provision.results:
        if (result.variant, result.runtime) in now:
            continue
        if result.engine is not None or not found.box_differs:
            yield result


def _nothing(work: Sequence[_At]) -> SonoedgeError:
    wrong = [f"{at.job.variant.id}: {'; '.join(at.wrong)}" for at in work if at.wrong]
    if wrong:
        return GateFailed(
            "no variant is right on this device, nothing was written: " + " | ".join(wrong)
        )
    errors = [at.error for at in work if at.error is not None]
    return errors[0]


def _key(job: Job) -> tuple[str, str]:
    return job.variant.id, job.runtime
