"""Run an engine over labelled frames and compare it with the trained network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sonoedge.analyser import Analyser
from sonoedge.analysis import Origin
from sonoedge.engines.golden import differences
from sonoedge.errors import EngineFailed
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.runtime import Runtime, Tensors, TensorSpec
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.evaluation.accuracy import figures
from sonoedge_export.evaluation.outcomes import Outcome, evaluate
from sonoedge_export.progress import Progress
from sonoedge_export.recipe.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """One engine's results.

    Attributes:
        tensors: raw outputs per analysed call, in the frames' order.
        metrics: see `figures`, and against the trained network `map_levels` (largest
            difference of a map's cell) and `probs` (of a probability).
        postprocess: positive labels and threshold that the outcomes were made with.
    """

    runtime: Runtime
    outcomes: Sequence[Outcome]
    tensors: Sequence[Tensors]
    metrics: Mapping[str, Any]
    postprocess: PostprocessSpec


class Recorder:
    """A runtime that keeps what the one inside answers."""

    def __init__(self, inner: Runtime) -> None:
        self.inner = inner
        self.answers: list[Tensors] = []
        self.failed = ""

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """As the runtime inside."""
        return self.inner.inputs

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """As the runtime inside."""
        return self.inner.outputs

    def infer(self, tensors: Tensors) -> Tensors:
        """As the runtime inside; the answer is kept."""
        try:
            answer = self.inner.infer(tensors)
        except EngineFailed as error:
            self.failed = str(error)
            raise
        self.answers.append(answer)
        return answer

    def close(self) -> None:
        """As the runtime inside."""
        self.inner.close()


def verify_runtime(
    recipe: Recipe,
    runtime: Runtime,
    data: Labelled,
    trained: Verified | None,
    progress: Progress,
) -> Verified:
    """Analyse all frames; compare with the trained network where it is given.

    Raises:
        EngineFailed: the engine did not answer every frame that the trained network did.
    """
    recorder = Recorder(runtime)
    origin = Origin(bundle_id="", engine_sha256="", runtime="", precision="", variant="")
    analyser = Analyser(
        recorder,
        preprocess=recipe.input,
        postprocess=recipe.postprocess,
        guard=recipe.guard,
        origin=origin,
    )
    outcomes = evaluate(analyser, data, progress)
    reference = outcomes if trained is None else trained.outcomes
    spec = recipe.postprocess
    metrics = figures(outcomes, reference, positive=spec.positive, threshold=spec.flag_threshold)
    if trained is not None:
        if len(recorder.answers) < len(trained.tensors):
            raise EngineFailed(
                f"it answered {len(recorder.answers)} of {len(trained.tensors)} frames: "
                f"{recorder.failed[:300]}"
            )
        apart = [differences(a, b) for a, b in zip(recorder.answers, trained.tensors, strict=True)]
        maps = [v for row in apart for k, v in row.items() if k != "class_probs"]
        probs = [row["class_probs"] for row in apart if "class_probs" in row]
        metrics |= {"map_levels": max(maps, default=0.0), "probs": max(probs, default=0.0)}
    return Verified(
        runtime=runtime,
        outcomes=outcomes,
        tensors=recorder.answers,
        metrics=metrics,
        postprocess=spec,
    )
