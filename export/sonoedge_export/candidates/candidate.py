"""A variant with its engine loaded: measured on the labelled frames, and judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

from sonoedge.bundle import Gates
from sonoedge.errors import EngineFailed
from sonoedge.processing.preprocess import Preprocess
from sonoedge.runtime import Runtime
from sonoedge_export.candidates.model import Model
from sonoedge_export.evaluation.answers import Evaluation
from sonoedge_export.evaluation.results import Results
from sonoedge_export.gates.assess import References, assess
from sonoedge_export.gates.verdict import Verdict
from sonoedge_export.graph.cpu_reference import optimisation_difference
from sonoedge_export.progress import Stages

COMPARED: Final = 8  # frames on which a graph is run with and without optimisation


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A variant that is not in the bundle, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """A variant that may go into the bundle.

    Attributes:
        engine: loaded; `close` gives it back.
        results: on the labelled frames; the gates' answers stand under "gates" in its metrics.
        verdict: what the gates say.
    """

    model: Model
    engine: Runtime
    results: Results
    verdict: Verdict

    @property
    def name(self) -> str:
        """The variant's id."""
        return self.model.name

    def close(self) -> None:
        """Give the engine back."""
        self.engine.close()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AcceptanceTest:
    """The frames, references and gates that every variant must pass."""

    evaluation: Evaluation
    references: References
    gates: Gates
    stages: Stages

    def run(self, model: Model) -> Candidate:
        """Load a model, run it over all frames and judge it.

        Raises:
            MissingDependency, RuntimeUnavailable, EngineFailed: as `Model.load`.
            RuntimeUnavailable: a device's graph cannot be verified on this machine.
            EngineFailed: the engine did not answer every frame, or with what is no number.
        """
        engine = model.load()
        try:
            difference = self._optimisation_difference(model) if model.row.on_device else None
            with self.stages.stage(f"verify {model.name}") as progress:
                answers = self.evaluation.run(engine, progress)
                broken = answers.not_finite(self.evaluation.postprocess)
                if broken:
                    raise EngineFailed(
                        f"the engine answered {broken} of {len(answers.tensors)} frames with "
                        "values that are NaN, infinite or no probabilities"
                    )
                assessment = assess(
                    answers,
                    self.references,
                    self.gates,
                    precision=model.row.precision,
                    pruned=model.row.pruned,
                )
        except BaseException:
            engine.close()
            raise
        metrics = assessment.metrics()
        if difference is not None:
            metrics["optimisation_difference"] = difference
        results = replace(assessment.results, metrics=metrics)
        return Candidate(model=model, engine=engine, results=results, verdict=assessment.verdict)

    def _optimisation_difference(self, model: Model) -> dict[str, float]:
        preprocess = Preprocess(self.evaluation.preprocess)
        entries = self.evaluation.frames.entries[:COMPARED]
        tensors = [preprocess(e.pixels(), aspect=e.pixel_aspect)[0].copy() for e in entries]
        return optimisation_difference(model.model, tensors)


def flag_agreement(candidates: Sequence[Candidate]) -> dict[str, dict[str, float]]:
    """Share of frames flagged alike, for each pair of variants."""
    pairs: dict[str, dict[str, float]] = {}
    for first, second in combinations(candidates, 2):
        outcomes = zip(first.results.outcomes, second.results.outcomes, strict=True)
        same = [a.flagged == b.flagged for a, b in outcomes]
        pairs.setdefault(first.name, {})[second.name] = round(sum(same) / len(same), 6)
    return pairs
