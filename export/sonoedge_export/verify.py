"""Measure every variant of a bundle on labelled frames, as the device would run it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sonoedge
from sonoedge import EngineOptions
from sonoedge.analyser import Analyser
from sonoedge.analysis import Origin
from sonoedge.bundle import Bundle, Gates, Manifest, Variant, read_bundle
from sonoedge.device.fingerprint import FINGERPRINTS
from sonoedge.errors import MissingDependency, RuntimeUnavailable
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.settings import plain
from sonoedge_export.data.labelled import read_labelled
from sonoedge_export.evaluation.accuracy import figures, subgroups
from sonoedge_export.evaluation.outcomes import Outcome, evaluate
from sonoedge_export.gates import judge, judge_pruned
from sonoedge_export.graph.cpu_reference import OnCpu
from sonoedge_export.progress import Stages
from sonoedge_export.recipe.variants import VARIANTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """One variant's results, as `judge` takes them."""

    outcomes: Sequence[Outcome]
    metrics: Mapping[str, Any]
    postprocess: PostprocessSpec


def verify_bundle(
    folder: Path,
    frames: Path,
    split: str | None,
    variant: str | None,
    stages: Stages,
    *,
    gates: Gates | None = None,
) -> dict[str, Any]:
    """The figures of each variant, of its subgroups, and its agreement with the reference.

    Variants are judged against the reference by the gates of the bundle's recipe, as its
    manifest holds them; that a gate fails, or cannot be decided, is reported. A pruned variant's
    engine is compared with the bundle's own pruned one in fp32, where it has one. A variant whose
    engine is built on the device, and is not here, is judged by its graph on ONNX Runtime's CPU;
    its row says so.

    Args:
        gates: limits in place of the bundle's own; the report says which were used.

    Raises:
        BundleError, InvalidData: the bundle or the frames cannot be used.
        MissingDependency, RuntimeUnavailable: the variant asked for, or the reference,
            cannot run here; other variants that cannot are left out and named.
    """
    bundle = read_bundle(folder)
    manifest = bundle.manifest
    source = "manifest" if gates is None else "given"
    gates = gates or manifest.gates
    data = read_labelled(frames, split)
    asked = manifest.variants if variant is None else (bundle.variant(variant),)
    wanted = in_order(manifest, asked)
    spec = manifest.postprocess
    reference: Ran | None = None
    own: Ran | None = None
    rows = []
    for each in wanted:
        try:
            analyser = _analyser(bundle, each)
        except (MissingDependency, RuntimeUnavailable) as error:
            if each.id in (variant, manifest.reference_variant):
                raise
            stages.say(f"  {each.id}: left out: {error}")
            continue
        on = analyser.origin.runtime
        if on != each.runtime:
            stages.say(f"  {each.id}: no engine of it is here; its graph is judged on {on}")
        with stages.stage(f"verify {each.id}") as progress, analyser:
            outcomes = evaluate(analyser, data, progress)
        compared = outcomes if reference is None else reference.outcomes
        how: dict[str, Any] = {"positive": spec.positive, "threshold": spec.flag_threshold}
        ran = Ran(outcomes=outcomes, metrics=figures(outcomes, compared, **how), postprocess=spec)
        parts = {
            name: figures([outcomes[i] for i in index], [compared[i] for i in index], **how)
            for name, index in subgroups(outcomes).items()
            if len(index) < len(outcomes)
        }
        verdict = None
        if reference is not None and is_pruned(each):
            beside = ran if own is None else _beside(ran, own)
            verdict = judge_pruned(gates, each.precision, beside, reference, own)
            own = own or (ran if each.precision == "fp32" else None)
        elif reference is not None:
            verdict = judge(gates, each.precision, ran, reference)
        reference = reference or ran
        if variant in (None, each.id):
            row = {"id": each.id, "runtime": on, "precision": each.precision}
            judged = {} if verdict is None else verdict.figures()
            rows.append(row | {"gates": judged, "metrics": ran.metrics, "subgroups": parts})
    return {
        "bundle_id": manifest.bundle_id,
        "data": data.name,
        "data_sha256": data.sha256(),
        "split": split,
        "frames": len(data),
        "reference_variant": manifest.reference_variant,
        "gates": {"source": source, "limits": plain(gates)},
        "variants": rows,
    }


def _beside(ran: Ran, own: Ran) -> Ran:
    """The same results, their agreement that with the pruned network in float."""
    spec = ran.postprocess
    how: dict[str, Any] = {"positive": spec.positive, "threshold": spec.flag_threshold}
    found = figures(ran.outcomes, own.outcomes, intervals=False, **how)
    return Ran(outcomes=ran.outcomes, metrics=found, postprocess=spec)


def _analyser(bundle: Bundle, variant: Variant) -> Analyser:
    """A variant as the device would run it, or at least its graph.

    Raises:
        MissingDependency, RuntimeUnavailable: it cannot run here.
    """
    try:
        return sonoedge.open(bundle.folder, EngineOptions(variant=variant.id), tracking=False)
    except (MissingDependency, RuntimeUnavailable):
        if variant.runtime not in FINGERPRINTS:
            raise
    manifest = bundle.manifest
    return Analyser(
        OnCpu(bundle.read_model(variant)[0]),
        preprocess=manifest.preprocess,
        postprocess=manifest.postprocess,
        guard=manifest.guard,
        origin=Origin(
            bundle_id=manifest.bundle_id,
            engine_sha256=bundle.engine_sha256(variant),
            runtime="onnxruntime",
            precision=variant.precision,
            variant=variant.id,
        ),
    )


def is_pruned(variant: Variant) -> bool:
    """Whether a variant is of a pruned network, by its id."""
    return variant.id in VARIANTS and VARIANTS[variant.id].pruned


def in_order(manifest: Manifest, asked: Sequence[Variant]) -> list[Variant]:
    """The reference first, what else is compared with before what is compared."""
    own = [v for v in manifest.variants if is_pruned(v) and v.precision == "fp32"][:1]
    first = [v for v in manifest.variants if v.id == manifest.reference_variant]
    if any(is_pruned(v) for v in asked):
        first += own
    return first + [v for v in asked if v not in first]
