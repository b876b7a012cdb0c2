"""Measure every variant of a bundle on labelled frames, as the device would run it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import sonoedge
from sonoedge import EngineOptions
from sonoedge.analyser import Analyser
from sonoedge.analysis import Origin
from sonoedge.bundle import Bundle, Gates, Manifest, Variant, read_bundle
from sonoedge.device.fingerprint import FINGERPRINTS
from sonoedge.errors import MissingDependency, RuntimeUnavailable
from sonoedge.settings import plain
from sonoedge_export.data.evaluation_set import check_evaluation
from sonoedge_export.data.labelled import Labelled, read_labelled
from sonoedge_export.data.train_transform import Transform
from sonoedge_export.evaluation.answers import Answers
from sonoedge_export.evaluation.loss_split import as_trained, loss_split
from sonoedge_export.evaluation.metrics import INTERVALS
from sonoedge_export.evaluation.outcomes import evaluate
from sonoedge_export.evaluation.results import Results, measure, measure_subgroups
from sonoedge_export.gates.assess import References, assess
from sonoedge_export.gates.change import judge_change
from sonoedge_export.graph.cpu_reference import ReferenceRuntime
from sonoedge_export.progress import Stages
from sonoedge_export.recipe.variants import VARIANTS

SCHEMA: Final = "sonoedge-verify-1"


def verify_bundle(
    folder: Path,
    frames: Path,
    split: str | None,
    variant: str | None,
    stages: Stages,
    *,
    gates: Gates | None = None,
    against: Path | None = None,
    transform: Transform | None = None,
) -> dict[str, Any]:
    """The figures of each variant, of its subgroups, and its agreement with the reference.

    Variants are judged against the reference by the gates of the bundle's recipe, as its
    manifest holds them; that a gate fails, or cannot be decided, is reported. A pruned variant's
    engine is compared with the bundle's own pruned one in fp32, where it has one. A variant whose
    engine is built on the device, and is not here, is judged by its graph on ONNX Runtime's CPU;
    its row says so.

    Args:
        gates: limits in place of the bundle's own; the report says which were used.
        against: an older bundle, whose reference is asked the same frames: the report then has
            what the newer one lost, with paired intervals.
        transform: training's preprocessing: the report then has what was lost by
            preprocessing, and what by compression.

    Raises:
        BundleError, InvalidData: the bundle or the frames cannot be used.
        MissingDependency, RuntimeUnavailable: the variant asked for, or the reference,
            cannot run here; other variants that cannot are left out and named.
    """
    bundle = read_bundle(folder)
    manifest = bundle.manifest
    limits = gates or manifest.gates
    data = read_labelled(frames, split)
    check_evaluation(data, manifest.postprocess.labels)
    requested = manifest.variants if variant is None else (bundle.variant(variant),)
    references: References | None = None
    rows, others = [], {}
    for member in in_order(manifest, requested):
        try:
            analyser = _analyser(bundle, member)
        except (MissingDependency, RuntimeUnavailable) as error:
            if member.id in (variant, manifest.reference_variant):
                raise
            stages.say(f"  {member.id}: left out: {error}")
            continue
        runtime = analyser.origin.runtime
        answers = _answers(member, analyser, data, stages)
        if references is None:
            results, verdicts = measure(answers, None, manifest.postprocess), {}
            references = References(unpruned=results)
        else:
            pruned = is_pruned(member)
            assessment = assess(
                answers, references, limits, precision=member.precision, pruned=pruned
            )
            results, verdicts = assessment.results, assessment.verdict.figures()
            if pruned and member.precision == "fp32" and references.pruned is None:
                references = References(unpruned=references.unpruned, pruned=answers)
        if member.id != manifest.reference_variant:
            others[member.id] = results
        if variant in (None, member.id):
            rows.append(_row(member, runtime, results, references.unpruned, verdicts))
    report = {
        "schema": SCHEMA,
        "bundle_id": manifest.bundle_id,
        "data": data.name,
        "data_sha256": data.sha256(),
        "split": split,
        "frames": len(data),
        "reference_variant": manifest.reference_variant,
        "intervals": dict(INTERVALS),
        "gates": {"source": "manifest" if gates is None else "given", "limits": plain(limits)},
        "variants": rows,
    }
    if transform is not None:
        assert references is not None  # the reference comes first
        reference = bundle.variant(manifest.reference_variant)
        analyser = _analyser(bundle, reference)
        trained = as_trained(analyser, manifest, transform, data, stages)
        report["loss"] = loss_split(limits, trained, references.unpruned, others)
    if against is not None:
        assert references is not None  # the reference comes first
        report["against"] = _against(against, data, limits, references.unpruned, stages)
    return report


def _against(
    older: Path, data: Labelled, limits: Gates, new: Results, stages: Stages
) -> dict[str, Any]:
    """What the newer bundle's reference lost against the older one's."""
    bundle = read_bundle(older)
    manifest = bundle.manifest
    check_evaluation(data, manifest.postprocess.labels)
    reference = bundle.variant(manifest.reference_variant)
    answers = _answers(reference, _analyser(bundle, reference), data, stages)
    old = measure(answers, None, manifest.postprocess)
    return {
        "bundle_id": manifest.bundle_id,
        "reference_variant": reference.id,
        "figures": judge_change(limits, new, old).figures(),
    }


def _answers(variant: Variant, analyser: Analyser, data: Labelled, stages: Stages) -> Answers:
    runtime = analyser.origin.runtime
    if runtime != variant.runtime:
        stages.say(f"  {variant.id}: no engine of it is here; its graph is judged on {runtime}")
    with stages.stage(f"verify {variant.id}") as progress, analyser:
        return Answers(outcomes=evaluate(analyser, data, progress))


def _row(
    variant: Variant, runtime: str, results: Results, reference: Results, gates: dict[str, Any]
) -> dict[str, Any]:
    return {
        "id": variant.id,
        "runtime": runtime,
        "precision": variant.precision,
        "gates": gates,
        "metrics": dict(results.metrics),
        "subgroups": measure_subgroups(results, reference),
    }


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
        ReferenceRuntime(bundle.read_model(variant)[0]),
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


def in_order(manifest: Manifest, variants: Sequence[Variant]) -> list[Variant]:
    """The reference first, what else is compared with before what is compared."""
    pruned_fp32 = [v for v in manifest.variants if is_pruned(v) and v.precision == "fp32"][:1]
    first = [v for v in manifest.variants if v.id == manifest.reference_variant]
    if any(is_pruned(v) for v in variants):
        first += pruned_fp32
    return first + [v for v in variants if v not in first]
