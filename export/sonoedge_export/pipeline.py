"""An export, straight down: trace, quantize, verify each engine, gate, choose, write."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sonoedge.bundle import Manifest
from sonoedge.errors import GateFailed, InvalidData, MissingDependency, PruningRefused
from sonoedge_export.bundle.assemble import Content, agreement, assemble
from sonoedge_export.bundle.write import beside
from sonoedge_export.candidates.build import Workshop
from sonoedge_export.candidates.candidate import Candidate
from sonoedge_export.candidates.earlier import Earlier
from sonoedge_export.candidates.latency import interleaved_p50
from sonoedge_export.candidates.speed_gate import Timer
from sonoedge_export.data.calibration import calibration_frames
from sonoedge_export.data.calibration_record import calibration_record
from sonoedge_export.data.evaluation_set import evaluation_sets, joined
from sonoedge_export.evaluation.operating_point import measure_operating_point
from sonoedge_export.evaluation.results import verify_runtime
from sonoedge_export.graph.build import build_graph
from sonoedge_export.progress import Stages
from sonoedge_export.prune.pruned_graph import pruned_graph
from sonoedge_export.recipe.recipe import Recipe
from sonoedge_export.recipe.variants import VARIANTS


def export_bundle(
    recipe: Recipe,
    out: Path,
    stages: Stages,
    *,
    latencies: Mapping[str, float] | None = None,
    earlier: Earlier | None = None,
    timer: Timer | None = None,
    explain: Path | None = None,
) -> Manifest:
    """Build a bundle and put it at `out`, or leave nothing there.

    Where the recipe prunes and names no pruned weights, the pruned network is kept beside
    the bundle, in a folder with "-pruned" behind its name; the next export goes on from it.

    Args:
        latencies: medians measured earlier, by variant, in place of measuring now.
        earlier: the same with all that an earlier export chose: only its variants are
            built, and the same inputs give the same bytes.
        timer: measures engines in turns; None measures on real frames.
        explain: folder for the ranking of the layers by quantization noise.

    Raises:
        GateFailed: no variant is left.
        InvalidRecipe, InvalidNetwork, InvalidData: the input cannot be used.
    """
    if earlier is None and latencies is not None:
        earlier = Earlier(latency_ms=latencies)
    sets = evaluation_sets(recipe)
    held_back = recipe.operating_point and evaluation_sets(recipe, recipe.operating_point)
    whole = joined(sets)
    known = () if earlier is None else (*earlier.latency_ms, *earlier.on_device)
    names = [n for n in recipe.wanted if earlier is None or n in known]
    if not names:
        raise InvalidData("there is no earlier latency of any variant that the recipe asks for")
    frames = None
    if explain is not None or any(VARIANTS[n].dialect != "float" for n in names):
        with stages.stage("calibration frames"):
            frames = calibration_frames(recipe, whole)
    with stages.stage("trace the network"):
        graphs = {False: build_graph(recipe)}
    left_out: dict[str, str] = {}
    if any(VARIANTS[name].pruned for name in names):
        try:
            graphs[True] = pruned_graph(recipe, stages, out.with_name(f"{out.name}-pruned"))
        except (PruningRefused, MissingDependency) as error:
            left_out = {name: str(error) for name in names if VARIANTS[name].pruned}
            names = [name for name in names if name not in left_out]
            stages.say(f"  pruned variants: LEFT OUT: {error}")
    with stages.stage(f"trained network on {len(whole)} frames") as progress:
        trained = verify_runtime(recipe, graphs[False].trained, whole, None, progress)
    graphs[False].trained.check()
    point = measure_operating_point(recipe, held_back or sets, trained, stages)
    own = None
    if True in graphs:
        with stages.stage(f"pruned network on {len(whole)} frames") as progress:
            own = verify_runtime(recipe, graphs[True].trained, whole, trained, progress)
    if timer is None:
        timer = lambda engines: interleaved_p50(engines, whole, recipe)  # noqa: E731
    shop = Workshop(
        recipe=recipe,
        graphs=graphs,
        frames=frames,
        whole=whole,
        trained=trained,
        stages=stages,
        timer=None if earlier is not None else timer,
        earlier=earlier,
        own=own,
        left_out=left_out,
    )
    record = None
    if frames is not None:
        record = calibration_record(recipe, frames, graphs, whole)
        for warning in record["warnings"]:
            stages.say(f"  calibration: {warning}")
    if explain is not None:
        shop.explain(explain)
    candidates: list[Candidate] = []
    try:
        for name in names:
            candidate = shop.build(name)
            if candidate is not None:
                candidates.append(candidate)
        measured = earlier.latency_ms if earlier is not None else shop.measured(candidates)
        chosen = shop.fast_enough(candidates, measured)
        if earlier is not None:
            left_out |= earlier.left_out
        if not chosen:
            said = " | ".join(f"{name}: {why}" for name, why in left_out.items())
            raise GateFailed(f"no variant is left, nothing was written: {said}")
        for one, others in agreement(chosen).items():
            for other, share in others.items():
                # A pruned network and the unpruned one: a gate, and the table, tell.
                if share < 1 and VARIANTS[one].pruned == VARIANTS[other].pruned:
                    stages.say(f"  {one} and {other} flag {share:.2%} of the frames alike")
        content = Content(
            recipe=recipe,
            graph=graphs[False],
            sets=sets,
            whole=whole,
            trained=trained,
            measured=point,
            candidates=chosen,
            latency_ms=measured,
            left_out=left_out,
            calibration=record,
        )
        with stages.stage("write the bundle"), beside(out) as draft:
            return assemble(content, draft)
    finally:
        for candidate in candidates:
            candidate.close()
