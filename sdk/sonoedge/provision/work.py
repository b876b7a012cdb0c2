"""Provision a bundle on this device: build, check, time, and keep the result beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timezone

import cv2

from sonoedge.bundle import Bundle
from sonoedge.bundle.digest import digest
from sonoedge.device import jetson
from sonoedge.device.fingerprint import cpu_box
from sonoedge.device.record import SCHEMA_VERSION, EngineRecord, Provision, Result
from sonoedge.device.store import Found, find, store_folder
from sonoedge.errors import EngineFailed, EngineMismatch, GateFailed, SonoedgeError
from sonoedge.processing.preprocess import Preprocess
from sonoedge.provision.build import BuildSettings, Say
from sonoedge.provision.plan import Job, place
from sonoedge.provision.ready import At, ready
from sonoedge.provision.timing import interleaved_ms, timing
from sonoedge.provision.writing import alone, sidecar, write


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


def provision(
    bundle: Bundle,
    todo: Sequence[Job],
    *,
    build: BuildSettings,
    rounds: int,
    say: Say,
    after: Callable[[At], None] = lambda at: None,
) -> Done:
    """Do the jobs; what cannot run here is named and passed over.

    Args:
        rounds: turns of the timing; each engine makes five timed calls in a turn.
        say: gets one line at a time.
        after: gets each job when it was checked, or has ended before.

    Raises:
        GateFailed: every engine that ran here failed its check; no result was written.
        MissingDependency, RuntimeUnavailable, EngineFailed: none ran here; the first
            one's reason.
        OutputError: the result cannot be written, or another run is at work on this bundle.
    """
    blocked = place(bundle, todo).error  # before minutes are spent on what cannot be kept
    if blocked is not None:
        raise blocked
    cv2.setNumThreads(1)  # as when a bundle is opened: what is timed is what will run
    with alone(bundle):
        return _provision(bundle, [At(job=job) for job in todo], build, rounds, say, after)


def _provision(
    bundle: Bundle,
    work: Sequence[At],
    build: BuildSettings,
    rounds: int,
    say: Say,
    after: Callable[[At], None],
) -> Done:
    with ExitStack() as stack:
        for at in work:
            ready(bundle, at, build, say)
            after(at)
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
        if at.built is not None and result.status == "passed":
            record, result = _keep(bundle, at, result, files)
            records.append(record)
        results.append(result)
    done = Provision(
        schema_version=SCHEMA_VERSION,
        bundle_id=bundle.manifest.bundle_id,
        manifest_sha256=bundle.manifest_sha256,
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        box=cpu_box(),
        conditions=jetson.conditions(),
        results=(*_earlier(bundle, [at.job for at in work]), *results),
    )
    write(store_folder(bundle.folder), done, files)
    named = {f"{variant} on {runtime}": ms for (variant, runtime), ms in samples.items()}
    return Done(provision=done, samples_ms=named, engines=tuple(records))


def _result(at: At, samples: Mapping[tuple[str, str], list[float]]) -> Result:
    key = _key(at.job)
    failed = isinstance(at.error, EngineFailed | EngineMismatch)
    return Result(
        variant=at.job.variant.id,
        runtime=at.job.runtime,
        precision=at.job.variant.precision,
        status="passed" if key in samples else "failed" if at.wrong or failed else "unavailable",
        why=at.why,
        check=at.check,
        timing=timing(samples[key]) if key in samples else None,
    )


def _keep(
    bundle: Bundle, at: At, result: Result, files: dict[str, bytes]
) -> tuple[EngineRecord, Result]:
    """Name the engine by its digest, write what belongs to it, and point to its sidecar."""
    if at.built is None or at.box is None or result.check is None or result.timing is None:
        raise SonoedgeError("an engine passed without having been checked")
    variant, found = at.job.variant, digest(at.built.data)
    stem = f"{variant.id}.{at.job.runtime}.{found.sha256[:12]}"
    log = at.built.log.encode()
    files |= {f"{stem}.engine": at.built.data, f"{stem}.log": log}
    if at.kernels:
        files[f"{stem}.kernels"] = at.kernels
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
        build=at.built.report,
        check=result.check,
        timing=result.timing,
        log=f"{stem}.log",
        log_digest=digest(log),
        kernels=f"{stem}.kernels" if at.kernels else None,
        kernels_digest=digest(at.kernels) if at.kernels else None,
        notes=tuple(at.notes),
    )
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


def _nothing(work: Sequence[At]) -> SonoedgeError:
    wrong = [f"{at.job.variant.id}: {'; '.join(at.wrong)}" for at in work if at.wrong]
    if wrong:
        return GateFailed(
            "no variant is right on this device, no result was written: " + " | ".join(wrong)
        )
    errors = [at.error for at in work if at.error is not None]
    return errors[0]


def _key(job: Job) -> tuple[str, str]:
    return job.variant.id, job.runtime
