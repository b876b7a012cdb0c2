"""An export, straight down: read, trace, evaluate, build and judge each variant, choose, write."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

from sonoedge.bundle import Manifest
from sonoedge.bundle.signing import sign_bundle
from sonoedge.errors import MissingDependency, PruningRefused
from sonoedge.sbom.document import SpecVersion
from sonoedge.trust.signing import Signer
from sonoedge_export.bundle.assemble import Content, assemble, reference_variant
from sonoedge_export.bundle.publish import check_target, publish
from sonoedge_export.candidates.build import Builder, Quantization
from sonoedge_export.candidates.candidate import AcceptanceTest, LeftOut
from sonoedge_export.candidates.earlier import Earlier
from sonoedge_export.candidates.int8 import Quantizer
from sonoedge_export.candidates.latency import Timer, interleaved_p50, timing_frames
from sonoedge_export.candidates.networks import Networks, QuantizableGraph
from sonoedge_export.candidates.selection import select
from sonoedge_export.candidates.speed_gate import SpeedGate
from sonoedge_export.data.calibration_record import calibration_record
from sonoedge_export.data.evaluation_set import joined
from sonoedge_export.evaluation.answers import Evaluation
from sonoedge_export.evaluation.operating_point import MeasuredPoint, operating_point
from sonoedge_export.evaluation.results import measure
from sonoedge_export.gates.assess import References
from sonoedge_export.gates.trained import check_trained
from sonoedge_export.graph.build import build_graph
from sonoedge_export.heads.build import build_opinions, check_packages
from sonoedge_export.inputs import Inputs, read_inputs
from sonoedge_export.progress import Stages
from sonoedge_export.prune.pruned_graph import pruned_graph
from sonoedge_export.recipe.recipe import Recipe
from sonoedge_export.recipe.variants import VARIANTS


def export_bundle(
    recipe: Recipe,
    out: Path,
    stages: Stages,
    *,
    earlier: Earlier | None = None,
    timer: Timer | None = None,
    explain: Path | None = None,
    force: bool = False,
    cyclonedx: SpecVersion = "1.6",
    signers: Sequence[Signer] = (),
) -> Manifest:
    """Build a bundle and put it at `out`, or leave nothing there.

    Where the recipe prunes and names no pruned weights, the pruned network is kept beside
    the bundle, in a folder with "-pruned" behind its name; the next export goes on from it.

    Args:
        earlier: what an earlier export measured and chose: only its variants are built, and
            the same inputs give the same bytes.
        timer: measures engines in turns; None measures on the labelled frames.
        explain: folder for the ranking of the layers by quantization noise.
        force: replace a bundle that is at `out`.
        cyclonedx: the version of CycloneDX that the bill of materials is written in.
        signers: who signs it, before it is put at `out`.

    Raises:
        GateFailed: no variant is left, or the trained network is not what it should be.
        InvalidRecipe, InvalidNetwork, InvalidData: the input cannot be used.
        InvalidSettings: something else is at `out`, or a bundle, and `force` was not given.
        OutputError: the bundle cannot be written.
        TrustError: a signer failed; nothing was written.
    """
    check_target(out, replace=force)
    check_packages(recipe)
    inputs = read_inputs(recipe, earlier, stages, rank_layers=explain is not None)
    networks, left_out = _networks(recipe, inputs, stages, out.with_name(f"{out.name}-pruned"))
    evaluation = Evaluation(
        frames=inputs.frames,
        preprocess=recipe.input,
        postprocess=recipe.postprocess,
        guard=recipe.guard,
    )
    references = _references(evaluation, networks, stages)
    check_trained(references.unpruned, recipe.expected, stages)
    point = _operating_point(recipe, inputs, evaluation, networks, references, stages)
    record = calibration_record(
        recipe.calibration, recipe.input, inputs.calibration, networks.onnx(), inputs.frames
    )
    for warning in () if record is None else record["warnings"]:
        stages.say(f"  calibration: {warning}")
    speed = None
    if earlier is None:
        frames = timing_frames(inputs.frames, recipe.input)
        timer = timer or partial(interleaved_p50, tensors=frames)
        speed = SpeedGate(networks=networks, timer=timer, stages=stages)
    quantization = _quantization(recipe, inputs, networks, earlier, speed, stages)
    if explain is not None and quantization is not None:
        quantization.write_rankings(explain)
    builder = Builder(
        networks=networks,
        acceptance=AcceptanceTest(
            evaluation=evaluation, references=references, gates=recipe.gates, stages=stages
        ),
        quantization=quantization,
        stages=stages,
    )
    with ExitStack() as engines:
        outcomes = builder.build_all(networks.buildable(inputs.variants), engines)
        selection = select([*left_out, *outcomes], speed, earlier, stages)
        opinions = build_opinions(
            recipe,
            reference_variant([each.name for each in selection.candidates]),
            {each.name: each.engine for each in selection.candidates},
            networks.unpruned.onnx,
            stages,
        )
        content = Content(
            recipe=recipe,
            graph=networks.unpruned,
            sets=inputs.sets,
            frames=inputs.frames,
            trained=references.unpruned,
            operating_point=point,
            candidates=selection.candidates,
            latency_ms=selection.latency_ms,
            left_out=selection.left_out,
            calibration=record,
            opinions=opinions,
            cyclonedx=cyclonedx,
        )
        with stages.stage("write the bundle"), publish(out) as draft:
            manifest = assemble(content, draft)
            if signers:
                sign_bundle(draft, signers)
            return manifest


def _networks(
    recipe: Recipe, inputs: Inputs, stages: Stages, folder: Path
) -> tuple[Networks, list[LeftOut]]:
    """The networks, and the variants that cannot be built since pruning was refused."""
    with stages.stage("trace the network"):
        unpruned = build_graph(recipe)
    variants = [name for name in inputs.variants if VARIANTS[name].pruned]
    if not variants:
        return Networks(unpruned=unpruned), []
    try:
        pruned = pruned_graph(recipe, stages, folder)
    except (PruningRefused, MissingDependency) as error:
        stages.say(f"  pruned variants: LEFT OUT: {error}")
        return Networks(unpruned=unpruned), [LeftOut(name=n, why=str(error)) for n in variants]
    return Networks(unpruned=unpruned, pruned=pruned), []


def _references(evaluation: Evaluation, networks: Networks, stages: Stages) -> References:
    """The answers that variants are compared with."""
    count = len(evaluation.frames)
    with stages.stage(f"trained network on {count} frames") as progress:
        trained = evaluation.run(networks.unpruned.trained, progress)
    networks.unpruned.trained.check()
    pruned = None
    if networks.pruned is not None:
        with stages.stage(f"pruned network on {count} frames") as progress:
            pruned = evaluation.run(networks.pruned.trained, progress)
        networks.pruned.trained.check()
    return References(unpruned=measure(trained, None, evaluation.postprocess), pruned=pruned)


def _operating_point(
    recipe: Recipe,
    inputs: Inputs,
    evaluation: Evaluation,
    networks: Networks,
    references: References,
    stages: Stages,
) -> MeasuredPoint:
    """The flag threshold's figures, on the frames held back for them where there are such."""
    chosen_on = recipe.threshold_chosen_on
    if inputs.held_back is None or recipe.operating_point is None:
        split = recipe.data.split
        return operating_point(references.unpruned, inputs.sets, split=split, chosen_on=chosen_on)
    frames = joined(inputs.held_back)
    with stages.stage(f"operating point on {len(frames)} frames") as progress:
        answers = replace(evaluation, frames=frames).run(networks.unpruned.trained, progress)
    results = measure(answers, None, evaluation.postprocess)
    split = recipe.operating_point.split
    return operating_point(results, inputs.held_back, split=split, chosen_on=chosen_on)


def _quantization(
    recipe: Recipe,
    inputs: Inputs,
    networks: Networks,
    earlier: Earlier | None,
    speed: SpeedGate | None,
    stages: Stages,
) -> Quantization | None:
    """What quantized variants are built with; None where nothing is quantized."""
    if inputs.calibration is None or recipe.calibration is None:
        return None
    tensors = inputs.calibration.tensors
    pruned = networks.pruned
    return Quantization(
        quantizer=Quantizer(
            settings=recipe.quantize,
            calibration=recipe.calibration,
            tensors=tensors,
            timer=None if speed is None else speed.timer,
            stages=stages,
        ),
        unpruned=QuantizableGraph(networks.unpruned.onnx, tensors, stages),
        pruned=None if pruned is None else QuantizableGraph(pruned.onnx, tensors, stages),
        earlier={} if earlier is None else earlier.quantized,
        speed=speed,
    )
