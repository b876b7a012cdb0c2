"""`sonoedge.open`: from a bundle to an analyser that may be trusted."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path

import cv2
import numpy as np

from sonoedge.analyser import Analyser
from sonoedge.analysis import Origin
from sonoedge.bundle import Bundle, Variant, read_bundle
from sonoedge.errors import (
    EngineFailed,
    InvalidSettings,
    MissingDependency,
    RuntimeUnavailable,
    VariantNotFound,
)
from sonoedge.frames import Frame
from sonoedge.geometry import Roi
from sonoedge.golden import check_golden
from sonoedge.guard import GuardSettings
from sonoedge.preprocess import Preprocess
from sonoedge.runtime import RUNTIMES, Runtime, runtime_class
from sonoedge.tracking import TrackingSettings

WARM_UP_CALLS = 3
REHEARSED = 2  # frames: each costs an engine call of the time to READY


def open(
    bundle: str | Path,
    runtime: str = "auto",
    variant: str | None = None,
    threads: int | None = None,
    *,
    roi: Roi | None = None,
    guard: GuardSettings | None = None,
    tracking: TrackingSettings | bool = True,
    explain: bool = False,
) -> Analyser:
    """Open a bundle: check hashes, load an engine, warm it up, run the golden frames.

    Args:
        bundle: the bundle's folder.
        runtime: "auto" takes the fastest variant that this machine can run, by the
            latencies in the manifest; a name takes that runtime's fastest variant or
            raises.
        variant: a variant's id; goes before `runtime`.
        threads: CPU threads of the engine; None takes what affinity and quota allow.
        roi: a fixed region of interest in place of the manifest's.
        guard: guard settings in place of the manifest's.
        tracking: True follows regions over frames as the manifest says, settings do so
            in its place; False is for frames that are no stream.
        explain: each analysis carries the map that its suspicion was read from.

    Raises:
        BundleError: the bundle is missing, damaged, or answers wrongly on this machine.
        MissingDependency, RuntimeUnavailable: the engine asked for cannot run here.
        EngineFailed: the engine refused the model.
        InvalidSettings: an argument is out of range.
    """
    if threads is not None and not 1 <= threads <= 1024:
        raise InvalidSettings("threads must be 1 to 1024, or None")
    if runtime != "auto" and runtime not in RUNTIMES:
        raise InvalidSettings(f"runtime is {runtime!r}; use auto or one of {', '.join(RUNTIMES)}")
    read = read_bundle(bundle)
    read.check()
    engine, chosen, choice = _load(read, runtime, variant, threads)
    try:
        return _ready(read, engine, chosen, choice, roi, guard, tracking, explain)
    except BaseException:
        engine.close()
        raise


def _load(
    bundle: Bundle, runtime: str, variant: str | None, threads: int | None
) -> tuple[Runtime, Variant, str]:
    if variant is not None:
        asked = bundle.variant(variant)
        if runtime not in ("auto", asked.runtime):
            raise VariantNotFound(f"variant {variant} runs on {asked.runtime}, not on {runtime}")
        return load_variant(bundle, asked, threads), asked, f"{asked.id}: asked for"
    fitting = sorted(
        (v for v in bundle.manifest.variants if runtime in ("auto", v.runtime)),
        key=lambda v: v.latency_ms_p50,
    )
    if not fitting:
        have = ", ".join(v.id for v in bundle.manifest.variants)
        raise VariantNotFound(f"the bundle has no variant for {runtime}; it has {have}")
    passed_over = []
    for candidate in fitting:
        try:
            engine = load_variant(bundle, candidate, threads)
        except (MissingDependency, RuntimeUnavailable) as error:
            if runtime != "auto" and isinstance(error, MissingDependency):
                raise
            passed_over.append(f"{candidate.id} ({error})")
            continue
        choice = f"{candidate.id}: fastest available, {candidate.latency_ms_p50:.1f} ms at export"
        if passed_over:
            choice += f"; not available: {'; '.join(passed_over)}"
        return engine, candidate, choice
    raise RuntimeUnavailable(f"no variant can run here: {'; '.join(passed_over)}")


def load_variant(bundle: Bundle, variant: Variant, threads: int | None = None) -> Runtime:
    """Load one variant's engine over the bytes that were checked.

    Raises:
        MissingDependency, RuntimeUnavailable, EngineFailed: as `sonoedge.open`.
    """
    maker = runtime_class(variant.runtime)
    model = bundle.read(variant.model)
    if variant.weights is None:
        engine = maker(model, precision=variant.precision, threads=threads)
    else:
        weights = bundle.read(variant.weights)
        engine = maker(model, precision=variant.precision, threads=threads, weights=weights)
    wanted = bundle.manifest
    if engine.inputs != wanted.inputs or set(engine.outputs) != set(wanted.outputs):
        engine.close()
        raise EngineFailed(
            f"{variant.id} has tensors {engine.inputs} -> {engine.outputs}, the manifest names "
            f"{wanted.inputs} -> {wanted.outputs}; export the bundle again"
        )
    return engine


def _ready(
    bundle: Bundle,
    engine: Runtime,
    variant: Variant,
    choice: str,
    roi: Roi | None,
    guard: GuardSettings | None,
    tracking: TrackingSettings | bool,
    explain: bool,
) -> Analyser:
    manifest = bundle.manifest
    cv2.setNumThreads(1)  # pictures are small: OpenCV's pool would only disturb the engine's
    spec = engine.inputs[0]
    nothing = np.zeros(spec.shape, dtype=spec.dtype)
    pictures = bundle.golden_frames()
    for _ in range(max(1, WARM_UP_CALLS - len(pictures))):  # golden frames warm up as well
        engine.infer({spec.name: nothing})
    check_golden(
        engine,
        Preprocess(manifest.preprocess),
        pictures,
        bundle.golden_answers(variant),
        variant.tolerance,
    )
    preprocess = manifest.preprocess
    if roi is not None:
        preprocess = dataclasses.replace(preprocess, roi=roi)
    if tracking is True:
        tracking = manifest.tracking
    make = functools.partial(
        Analyser,
        engine,
        preprocess=preprocess,
        postprocess=manifest.postprocess,
        guard=guard or manifest.guard,
        tracking=tracking or None,
        choice=choice,
        explain=explain,
        origin=Origin(
            bundle_id=manifest.bundle_id,
            engine_sha256=bundle.engine_sha256(variant),
            runtime=variant.runtime,
            precision=variant.precision,
            variant=variant.id,
        ),
    )
    # Whole analyses, by an analyser that is thrown away: the first live frame must find
    # everything loaded, postprocessing too, and no memory of a golden frame.
    rehearsal = make()
    for picture in pictures[:REHEARSED]:
        rehearsal.analyse(Frame(pixels=picture))
    return make()
