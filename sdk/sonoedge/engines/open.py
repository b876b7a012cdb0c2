"""`sonoedge.open`: from a bundle to an analyser that may be trusted."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sonoedge.analyser import Analyser
from sonoedge.analysis import Origin
from sonoedge.bundle import Bundle
from sonoedge.bundle.golden import GoldenAnswer
from sonoedge.device.fingerprint import FINGERPRINTS
from sonoedge.device.record import slow_operators
from sonoedge.device.store import UNBOUND
from sonoedge.engines.choose import Candidate, candidates
from sonoedge.engines.frame_path import choose_frame_path
from sonoedge.engines.golden import check_golden
from sonoedge.engines.keep_warm import WarmRuntime
from sonoedge.engines.load import LoadedEngine
from sonoedge.engines.options import DEFAULT_ENGINE, EngineOptions
from sonoedge.engines.placement import load_placed
from sonoedge.engines.settings_check import check_settings
from sonoedge.engines.stored import start_bundle
from sonoedge.errors import (
    EngineMismatch,
    InvalidSettings,
    MissingDependency,
    RuntimeUnavailable,
)
from sonoedge.frame_path import PathSettings
from sonoedge.frames import Frame
from sonoedge.guard import GuardSettings
from sonoedge.processing.geometry import Roi
from sonoedge.processing.preprocess import Pixels, Preprocess, PreprocessSpec
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.runtime import Runtime
from sonoedge.scope.file import read_scopes
from sonoedge.trust.admission import settle_grants, use_grant
from sonoedge.trust.device_bar import check_overrides
from sonoedge.trust.policy import TrustPolicy, read_policy

if TYPE_CHECKING:
    from sonoedge.describing import Describer
    from sonoedge.recalibration import Recalibration

WARM_UP_CALLS = 3
REHEARSAL_FRAMES = 2  # frames: each costs an engine call of the time to READY


def open(
    bundle: str | Path,
    engine: EngineOptions = DEFAULT_ENGINE,
    *,
    roi: Roi | None = None,
    guard: GuardSettings | None = None,
    tracking: TrackingSettings | bool = True,
    explain: bool = False,
    certainty: str | Path | None = None,
    trust: TrustPolicy | None = None,
) -> Analyser:
    """Open a bundle: check who vouches for it, load an engine, warm it up, run golden frames.

    Args:
        bundle: the bundle's folder; "store:PATH" for the one that a store runs, which may be
            the one before it where that fails (`sonoedge.store.start`).
        engine: which engine, and how it is driven; left out, the fastest that runs here.
        roi: a fixed region of interest in place of the manifest's.
        guard: guard settings in place of the manifest's; not laxer than the device's bar.
        tracking: True follows regions over frames as the manifest says, settings do so
            in its place; False is for frames that are no stream.
        explain: each analysis carries the map that its suspicion was read from.
        certainty: file of `sonoedge recalibrate`, whose thresholds descriptions take in place of
            the bundle's own; it is not signed: whoever names it vouches for it.
        trust: whose signatures the bundle needs; None takes the device's policy file, and
            without one, unsigned bundles run and `Analyser.choice` says so.

    Raises:
        BundleError: the bundle is missing, damaged, or answers wrongly on this machine;
            `ScopeMismatch`: what was taught here lies beside it damaged, or for another bundle;
            `TrustError`: it is not signed by whom this device trusts;
            `EngineMismatch`: an engine that was built here is not for here any more.
        MissingDependency, RuntimeUnavailable: the engine asked for cannot run here.
        EngineFailed: the engine refused the model.
        InvalidSettings: an argument is of the wrong type or out of range.
        StoreError: there is no store at that path, or its state is damaged.
    """
    check_settings(engine, roi=roi, guard=guard, tracking=tracking)
    policy = read_policy() if trust is None else trust
    opened = start_bundle(bundle, engine, policy)
    threshold = opened.manifest.postprocess.flag_threshold
    check_overrides(policy.bar, guard, tracking, threshold)
    use_grant(opened.vouched.admission, policy)
    analyser = open_bundle(
        opened,
        engine,
        roi=roi,
        guard=guard,
        tracking=tracking,
        explain=explain,
        certainty=None if certainty is None else _read(certainty),
    )
    try:
        if opened.lease is None:  # a store settles when it marks the bundle good
            settle_grants(opened.vouched.admission, policy)
    except BaseException:
        analyser.close()
        raise
    return analyser


def open_bundle(
    opened: Bundle,
    engine: EngineOptions = DEFAULT_ENGINE,
    *,
    roi: Roi | None = None,
    guard: GuardSettings | None = None,
    tracking: TrackingSettings | bool = True,
    explain: bool = False,
    certainty: Recalibration | None = None,
) -> Analyser:
    """`open`, of a bundle whose manifest has been read; the arguments have been checked."""
    opened.check()
    scopes = read_scopes(opened)
    loaded, chosen, choice = _load(opened, engine)
    if not opened.vouched.keys:
        choice += f"; {opened.vouched.describe()}"
    if scopes is not None:
        choice += f"; taught here to leave alone: {', '.join(scopes.names)}"
    if opened.note:
        choice += f"; {opened.note}"
    try:
        pictures, answers = opened.golden_frames(), opened.golden_answers(chosen.variant)
        _warm_up(opened, loaded.engine, chosen, pictures, answers)
        manifest = opened.manifest
        settings = PathSettings(
            preprocess=manifest.preprocess,
            postprocess=manifest.postprocess,
            guard=guard or manifest.guard,
            tracking=manifest.tracking if tracking is True else tracking or None,
        )
        path, note = choose_frame_path(
            engine.frame_path, settings, loaded.engine, pictures, answers
        )
        preprocess = settings.preprocess
        if roi is not None:
            preprocess = dataclasses.replace(preprocess, roi=roi)
        make = functools.partial(
            Analyser,
            preprocess=preprocess,
            postprocess=settings.postprocess,
            guard=settings.guard,
            tracking=settings.tracking,
            describer=_describer(opened, chosen.variant.id, preprocess, settings.guard, certainty),
            choice=f"{choice}; {note}" if note else choice,
            explain=explain,
            embed=any("embedding" in head.inputs for head in manifest.heads),
            lease=opened.lease,
            origin=Origin(
                bundle_id=manifest.bundle_id,
                engine_sha256=loaded.sha256,
                runtime=chosen.runtime,
                precision=chosen.variant.precision,
                variant=chosen.variant.id,
                frame_path=path,
                placement=getattr(loaded.engine, "placement", "free"),
            ),
        )
        # Whole analyses, by an analyser that is thrown away: the first live frame must find
        # everything loaded, postprocessing too, and no memory of a golden frame.
        rehearsal = make(loaded.engine)
        for picture in pictures[:REHEARSAL_FRAMES]:
            rehearsal.analyse(Frame(pixels=picture))
        analyser = make(WarmRuntime(loaded.engine) if engine.keep_warm else loaded.engine)
        analyser.scopes = scopes
        return analyser
    except BaseException:
        loaded.engine.close()
        raise


def _read(certainty: str | Path) -> Recalibration:
    from sonoedge.recalibration import read_recalibration

    return read_recalibration(certainty)


def _describer(
    bundle: Bundle,
    variant: str,
    preprocess: PreprocessSpec,
    guard: GuardSettings,
    certainty: Recalibration | None,
) -> Describer | None:
    """What describes regions, where the bundle measures them."""
    measured = bundle.manifest.measure
    if measured is None:
        if certainty is not None:
            raise InvalidSettings("certainty: the bundle's recipe has no [measure]")
        return None
    # They cost time to load: only where they are used.
    from sonoedge.beside import load_beside
    from sonoedge.describing import Describer

    return Describer(measured, preprocess, guard, load_beside(bundle, variant, certainty))


def _load(bundle: Bundle, options: EngineOptions) -> tuple[LoadedEngine, Candidate, str]:
    """The fastest candidate that loads, and why it is the one."""
    fitting = candidates(bundle, options.runtime, options.variant)
    unavailable: list[str] = []
    mismatch: EngineMismatch | None = None
    for candidate in fitting.order:
        try:
            loaded, placed = load_placed(bundle, candidate, options, fitting.provision)
        except (MissingDependency, RuntimeUnavailable, EngineMismatch) as error:
            if options.variant is not None and len(fitting.order) == 1:
                raise
            if options.runtime != "auto" and not isinstance(error, RuntimeUnavailable):
                raise
            mismatch = error if isinstance(error, EngineMismatch) else mismatch
            unavailable.append(f"{candidate.variant.id} ({error})")
            continue
        why = (
            "asked for" if options.variant is not None else f"fastest available, {candidate.speed}"
        )
        choice = f"{candidate.variant.id}: {why}"
        if candidate.runtime in FINGERPRINTS and bundle.device_key is None:
            choice += f"; {UNBOUND}"
        if unavailable:
            choice += f"; not available: {'; '.join(unavailable)}"
        slow = getattr(loaded.engine, "off_fast_path", ())
        notes = (placed, slow_operators(candidate.runtime, slow) if slow else "", *fitting.notes)
        return loaded, candidate, "; ".join((choice, *filter(None, notes)))
    if mismatch is not None:
        raise mismatch
    why = "; ".join((*unavailable, *fitting.notes))
    raise RuntimeUnavailable(f"no variant can run here: {why}")


def _warm_up(
    bundle: Bundle,
    engine: Runtime,
    chosen: Candidate,
    pictures: Sequence[Pixels],
    answers: Sequence[GoldenAnswer],
) -> None:
    """Call the engine until it is warm, and compare its answers with the golden ones.

    Args:
        pictures: the golden frames, uint8, (H, W) or (H, W, 3).
        answers: what the engine must answer, one per frame.

    Raises:
        GoldenMismatch: it answers otherwise than when it was verified.
    """
    spec = engine.inputs[0]
    nothing = np.zeros(spec.shape, dtype=spec.dtype)
    for _ in range(max(1, WARM_UP_CALLS - len(pictures))):  # golden frames warm up as well
        engine.infer({spec.name: nothing})
    check_golden(
        engine,
        Preprocess(bundle.manifest.preprocess),
        bundle.manifest.postprocess,
        pictures,
        answers,
        chosen.variant.tolerance,
    )
