"""Provision a bundle on this device: build, check, time, and keep the result beside it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timezone

import cv2
import numpy as np
import numpy.typing as npt

from sonoedge.bundle import Bundle
from sonoedge.bundle.digest import digest
from sonoedge.device import jetson
from sonoedge.device.cpu import cpu_wait_ms, longest_wait_ms, wait_share
from sonoedge.device.fingerprint import cpu_box
from sonoedge.device.record import SCHEMA_VERSION, EngineRecord, Provision, Result
from sonoedge.device.store import (
    UNBOUND,
    Found,
    busy_note,
    find_provision,
    store_folder,
)
from sonoedge.device.stored_engine import mac_name
from sonoedge.errors import EngineFailed, EngineMismatch, GateFailed, SonoedgeError
from sonoedge.processing.preprocess import Preprocess
from sonoedge.provision.build import BuildSettings
from sonoedge.provision.elapsed import Say
from sonoedge.provision.placements import bind_first, placed, placements
from sonoedge.provision.prepare import TaskState, prepare
from sonoedge.provision.tasks import ProvisionTask, place
from sonoedge.provision.timing import interleaved_ms, timing
from sonoedge.provision.writing import exclusive_lock, sidecar, write
from sonoedge.runtime import Runtime
from sonoedge.trust.device_key import make_device_key, sidecar_mac


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionOutcome:
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
    tasks: Sequence[ProvisionTask],
    *,
    build: BuildSettings,
    rounds: int,
    say: Say,
    after: Callable[[TaskState], None] = lambda state: None,
    fps: float | None = None,
) -> ProvisionOutcome:
    """Do the tasks; what cannot run here is named and passed over.

    Args:
        rounds: turns of the timing; each engine makes five timed calls in a turn.
        say: gets one line at a time.
        after: gets each task when it was checked, or has ended before.
        fps: the device's frames a second, at which placements of threads are measured; None
            measures none.

    Raises:
        GateFailed: every engine that ran here failed its check; no result was written.
        MissingDependency, RuntimeUnavailable, EngineFailed: none ran here; the first
            one's reason.
        OutputError: the result cannot be written, or another run is at work on this bundle.
        TrustError: the device's key can neither be read nor made.
    """
    blocked = place(bundle, tasks).error  # before minutes are spent on what cannot be kept
    if blocked is not None:
        raise blocked
    cv2.setNumThreads(1)  # as in a session's worker: what is timed is what will run
    with exclusive_lock(bundle):
        return _provision(
            bundle, [TaskState(task=task) for task in tasks], build, (rounds, fps), say, after
        )


def _provision(
    bundle: Bundle,
    work: Sequence[TaskState],
    build: BuildSettings,
    timed: tuple[int, float | None],
    say: Say,
    after: Callable[[TaskState], None],
) -> ProvisionOutcome:
    rounds, fps = timed
    key = None if bundle.device_key is None else make_device_key(bundle.device_key)
    if fps is not None:
        bind_first(bundle, work)
    with ExitStack() as stack:
        for state in work:
            prepare(bundle, state, build, say)
            after(state)
            if state.engine is not None:
                stack.callback(state.engine.close)
        passed = [state for state in work if state.engine is not None and not state.problems]
        if not passed:
            raise _nothing(work)
        say(f"timing {len(passed)} in turns")
        engines = {state.task.key: state.engine for state in passed if state.engine is not None}
        preprocess = Preprocess(bundle.manifest.preprocess)
        tensors = [preprocess(picture)[0].copy() for picture in bundle.golden_frames()]
        samples, cpu_wait_share = _timed(engines, tensors, rounds)
    found = {} if fps is None else dict(placements(bundle, passed, tensors, fps, say))
    files: dict[str, bytes] = {}
    results, records = [], []
    for state in work:
        result = placed(_result(state, samples), found.get(state.task.key))
        if state.built is not None and result.status == "passed":
            record, result = _keep(bundle, state, result, files, key)
            records.append(record)
            if key is None:
                say(f"{record.variant} on {record.runtime}: {UNBOUND}")
        results.append(result)
    result_of_run = Provision(
        schema_version=SCHEMA_VERSION,
        bundle_id=bundle.manifest.bundle_id,
        manifest_sha256=bundle.manifest_sha256,
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        box=cpu_box(),
        conditions=jetson.conditions(),
        results=(*_earlier(bundle, [state.task for state in work]), *results),
        cpu_wait_share=cpu_wait_share,
    )
    if result_of_run.busy:
        say(busy_note(result_of_run, bundle))
    write(store_folder(bundle.folder), result_of_run, files)
    by_name = {f"{variant} on {runtime}": ms for (variant, runtime), ms in samples.items()}
    return ProvisionOutcome(provision=result_of_run, samples_ms=by_name, engines=tuple(records))


def _timed(
    engines: Mapping[tuple[str, str], Runtime],
    tensors: Sequence[npt.NDArray[np.uint8]],
    rounds: int,
) -> tuple[dict[tuple[str, str], list[float]], float | None]:
    """Samples in milliseconds, and what `Provision.cpu_wait_share` says of them."""
    before, start_ns = cpu_wait_ms(os.getpid()), time.monotonic_ns()
    samples = interleaved_ms(engines, tensors, rounds=rounds)
    wall_ms = (time.monotonic_ns() - start_ns) / 1e6
    after = cpu_wait_ms(os.getpid())
    if not before or not after:
        return samples, None
    return samples, wait_share(longest_wait_ms(before, after), wall_ms)


def _result(state: TaskState, samples: Mapping[tuple[str, str], list[float]]) -> Result:
    key = state.task.key
    failed = isinstance(state.error, EngineFailed | EngineMismatch)
    return Result(
        variant=state.task.variant.id,
        runtime=state.task.runtime,
        precision=state.task.variant.precision,
        status="passed"
        if key in samples
        else "failed"
        if state.problems or failed
        else "unavailable",
        why=state.why,
        check=state.check,
        timing=timing(samples[key]) if key in samples else None,
        off_fast_path=state.off_fast_path,
    )


def _keep(
    bundle: Bundle, state: TaskState, result: Result, files: dict[str, bytes], key: bytes | None
) -> tuple[EngineRecord, Result]:
    """Name the engine by its digest, write what belongs to it, and point to its sidecar."""
    if state.built is None or state.box is None or result.check is None or result.timing is None:
        raise SonoedgeError("an engine passed without having been checked")
    variant, engine_digest = state.task.variant, digest(state.built.data)
    stem = f"{variant.id}.{state.task.runtime}.{engine_digest.sha256[:12]}"
    log = state.built.log.encode()
    files |= {f"{stem}.engine": state.built.data, f"{stem}.log": log}
    if state.kernels:
        files[f"{stem}.kernels"] = state.kernels
    record = EngineRecord(
        schema_version=SCHEMA_VERSION,
        file=f"{stem}.engine",
        digest=engine_digest,
        variant=variant.id,
        runtime=state.task.runtime,
        precision=variant.precision,
        graph=variant.model,
        graph_digest=bundle.manifest.files[variant.model],
        bundle_id=bundle.manifest.bundle_id,
        fingerprint=state.box,
        build=state.built.report,
        check=result.check,
        timing=result.timing,
        log=f"{stem}.log",
        log_digest=digest(log),
        kernels=f"{stem}.kernels" if state.kernels else None,
        kernels_digest=digest(state.kernels) if state.kernels else None,
        notes=tuple(state.notes),
    )
    name, data = f"{stem}.json", sidecar(record)
    files[name] = data
    if key is not None:
        files[mac_name(name)] = sidecar_mac(key, name, data)
    return record, replace(result, engine=name)


def _earlier(bundle: Bundle, tasks: Sequence[ProvisionTask]) -> Iterator[Result]:
    """Earlier results that this run does not replace and that still hold."""
    provision = find_provision(bundle)
    if not isinstance(provision, Found):
        return
    now = {task.key for task in tasks}
    for result in provision.provision.results:
        if (result.variant, result.runtime) in now:
            continue
        if result.engine is not None or not provision.other_machine:
            yield result


def _nothing(work: Sequence[TaskState]) -> SonoedgeError:
    problems = [
        f"{state.task.variant.id}: {'; '.join(state.problems)}" for state in work if state.problems
    ]
    if problems:
        return GateFailed(
            "no variant is right on this device, no result was written: " + " | ".join(problems)
        )
    errors = [state.error for state in work if state.error is not None]
    return errors[0]
