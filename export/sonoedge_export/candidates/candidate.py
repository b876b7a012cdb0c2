"""A variant with its engine loaded: verified on the labelled frames, and judged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sonoedge.processing.preprocess import Preprocess
from sonoedge_export.candidates.model import Model
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.evaluation.accuracy import figures
from sonoedge_export.evaluation.results import Verified, verify_runtime
from sonoedge_export.gates import Verdict, judge, judge_pruned
from sonoedge_export.graph.cpu_reference import optimisation_apart
from sonoedge_export.progress import Stages
from sonoedge_export.recipe.recipe import Recipe

COMPARED = 8  # frames on which a graph is run with and without optimisation


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """A variant that may go into the bundle.

    Attributes:
        verified: its engine and results, gates' answers included.
        verdict: what the gates say.
    """

    model: Model
    verified: Verified
    verdict: Verdict

    @property
    def name(self) -> str:
        """The variant's id."""
        return self.model.name

    def close(self) -> None:
        """Give the engine back."""
        self.verified.runtime.close()


def verified_candidate(
    recipe: Recipe,
    model: Model,
    whole: Labelled,
    trained: Verified,
    stages: Stages,
    own: Verified | None = None,
) -> Candidate:
    """Load a model, run it over all frames and judge it against the trained network.

    Args:
        own: results of the pruned network in float, for a variant of it.

    Raises:
        MissingDependency, RuntimeUnavailable, EngineFailed: as `Model.load`.
        RuntimeUnavailable: a device's graph cannot be verified on this machine.
    """
    engine = model.load()
    apart: dict[str, float] = {}
    try:
        if model.row.on_device:
            preprocess = Preprocess(recipe.input)
            some = [
                preprocess(e.pixels(), aspect=e.pixel_aspect)[0].copy()
                for e in whole.entries[:COMPARED]
            ]
            apart = optimisation_apart(model.model, some)
        with stages.stage(f"verify {model.name}") as progress:
            verified = verify_runtime(recipe, engine, whole, own or trained, progress)
        if own is None:
            verdict = judge(recipe.gates, model.row.precision, verified, trained)
        else:
            verdict = judge_pruned(recipe.gates, model.row.precision, verified, trained, own)
    except BaseException:
        engine.close()
        raise
    metrics = {**verified.metrics, "gates": verdict.figures()}
    if own is not None:
        metrics |= against(verified, trained)
    if model.row.on_device:
        metrics["optimisation_apart"] = apart
    return Candidate(model=model, verified=replace(verified, metrics=metrics), verdict=verdict)


def against(verified: Verified, trained: Verified) -> dict[str, Any]:
    """A pruned variant's agreement with the unpruned network, and apart with its own.

    The agreement with its own network, and how far the tensors are apart from that one's,
    are kept under "own".
    """
    spec = trained.postprocess
    found = figures(
        verified.outcomes,
        trained.outcomes,
        positive=spec.positive,
        threshold=spec.flag_threshold,
        intervals=False,
    )
    names = [name for name in found if "agreement" in name or "decided" in name]
    compared = ("flag_agreement", "decided_agreement", "map_levels", "probs")
    own = {name: verified.metrics[name] for name in compared if name in verified.metrics}
    return {name: found[name] for name in names} | {"own": own}
