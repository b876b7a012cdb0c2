"""`sonoedge.open`: from a bundle to an analyser that may be trusted."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path

import cv2
import numpy as np

from sonoedge.analyser import Analyser
from sonoedge.analysis import Origin
from sonoedge.bundle import Bundle, read_bundle
from sonoedge.engines.choose import Candidate, candidates
from sonoedge.engines.golden import check_golden
from sonoedge.engines.keep_warm import KeptWarm
from sonoedge.engines.load import Loaded, load
from sonoedge.errors import (
    EngineMismatch,
    InvalidSettings,
    MissingDependency,
    RuntimeUnavailable,
)
from sonoedge.frames import Frame
from sonoedge.guard import GuardSettings
from sonoedge.processing.geometry import Roi
from sonoedge.processing.preprocess import Preprocess
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.runtime import check_asked

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
    spin: bool = False,
    keep_warm: bool = False,
    test_doubles: bool = False,
) -> Analyser:
    """Open a bundle: check hashes, load an engine, warm it up, run the golden frames.

    Args:
        bundle: the bundle's folder.
        runtime: "auto" takes the fastest variant that this machine can run, by what
            `sonoedge provision` measured here, else by the latencies in the manifest; a
            name takes that runtime's fastest variant or raises.
        variant: a variant's id; goes before `runtime`.
        threads: CPU threads of the engine; None takes what affinity and quota allow.
        roi: a fixed region of interest in place of the manifest's.
        guard: guard settings in place of the manifest's.
        tracking: True follows regions over frames as the manifest says, settings do so
            in its place; False is for frames that are no stream.
        explain: each analysis carries the map that its suspicion was read from.
        spin: between calls the engine's threads wait awake instead of asleep; ONNX Runtime
            alone can. It costs up to a core's whole time per further thread.
        keep_warm: one engine call more in each pause, just before the next frame is due
            (see `sonoedge.engines.keep_warm`). It costs a call's processor time per frame.
        test_doubles: admit the engines of `sonoedge_runtimes.testing`, which fail on order or
            compute nothing: for tests of a host. Without it a bundle that names one is refused.

    Raises:
        BundleError: the bundle is missing, damaged, or answers wrongly on this machine;
            `EngineMismatch`: an engine that was built here is not for here any more.
        MissingDependency, RuntimeUnavailable: the engine asked for cannot run here.
        EngineFailed: the engine refused the model.
        InvalidSettings: an argument is out of range.
    """
    if threads is not None and not 1 <= threads <= 1024:
        raise InvalidSettings("threads must be 1 to 1024, or None")
    check_asked(runtime, test_doubles=test_doubles)
    read = read_bundle(bundle, test_doubles=test_doubles)
    read.check()
    loaded, chosen, choice = _load(read, runtime, variant, threads, spin)
    try:
        return _ready(read, loaded, chosen, choice, roi, guard, tracking, explain, keep_warm)
    except BaseException:
        loaded.engine.close()
        raise


def _load(
    bundle: Bundle, runtime: str, variant: str | None, threads: int | None, spin: bool
) -> tuple[Loaded, Candidate, str]:
    """The fastest candidate that loads, and why it is the one."""
    fitting = candidates(bundle, runtime, variant)
    passed_over: list[str] = []
    mismatch: EngineMismatch | None = None
    for each in fitting.order:
        try:
            loaded = load(
                bundle,
                each.variant,
                runtime=each.runtime,
                threads=threads,
                spin=spin,
                found=fitting.found,
            )
        except (MissingDependency, RuntimeUnavailable, EngineMismatch) as error:
            if variant is not None and len(fitting.order) == 1:
                raise
            if runtime != "auto" and not isinstance(error, RuntimeUnavailable):
                raise
            mismatch = error if isinstance(error, EngineMismatch) else mismatch
            passed_over.append(f"{each.variant.id} ({error})")
            continue
        why = "asked for" if variant is not None else f"fastest available, {each.speed}"
        choice = f"{each.variant.id}: {why}"
        if passed_over:
            choice += f"; not available: {'; '.join(passed_over)}"
        return loaded, each, "; ".join((choice, *fitting.notes))
    if mismatch is not None:
        raise mismatch
    notes = "; ".join((*passed_over, *fitting.notes))
    raise RuntimeUnavailable(f"no variant can run here: {notes}")


def _ready(
    bundle: Bundle,
    loaded: Loaded,
    chosen: Candidate,
    choice: str,
    roi: Roi | None,
    guard: GuardSettings | None,
    tracking: TrackingSettings | bool,
    explain: bool,
    keep_warm: bool,
) -> Analyser:
    manifest, engine, variant = bundle.manifest, loaded.engine, chosen.variant
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
        preprocess=preprocess,
        postprocess=manifest.postprocess,
        guard=guard or manifest.guard,
        tracking=tracking or None,
        choice=choice,
        explain=explain,
        origin=Origin(
            bundle_id=manifest.bundle_id,
            engine_sha256=loaded.sha256,
            runtime=chosen.runtime,
            precision=variant.precision,
            variant=variant.id,
        ),
    )
    # Whole analyses, by an analyser that is thrown away: the first live frame must find
    # everything loaded, postprocessing too, and no memory of a golden frame.
    rehearsal = make(engine)
    for picture in pictures[:REHEARSED]:
        rehearsal.analyse(Frame(pixels=picture))
    return make(KeptWarm(engine) if keep_warm else engine)
