"""Run an engine over labelled frames, through the device's own code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sonoedge.analyser import Analyser
from sonoedge.analysis import Origin
from sonoedge.errors import EngineFailed
from sonoedge.guard import GuardSettings
from sonoedge.processing.postprocess import PostprocessSpec, frame_probs, is_finite
from sonoedge.processing.preprocess import PreprocessSpec
from sonoedge.runtime import Runtime, Tensors, TensorSpec
from sonoedge_export.data.labelled import Labelled
from sonoedge_export.evaluation.outcomes import Outcome, evaluate
from sonoedge_export.progress import Progress

UNBUNDLED = Origin(bundle_id="", engine_sha256="", runtime="", precision="", variant="")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """What one engine answered on labelled frames.

    Attributes:
        outcomes: one per frame, in order.
        tensors: the raw outputs per frame that reached the engine, in order; empty where
            they were not kept.
    """

    outcomes: Sequence[Outcome]
    tensors: Sequence[Tensors] = ()

    def not_finite(self, postprocess: PostprocessSpec) -> int:
        """How many of the kept answers hold what is no number or no probability."""
        return sum(not is_finite(t, frame_probs(postprocess, t)) for t in self.tensors)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluation:
    """Labelled frames, and the settings that a device would analyse them with."""

    frames: Labelled
    preprocess: PreprocessSpec
    postprocess: PostprocessSpec
    guard: GuardSettings

    def analyser(self, runtime: Runtime, *, embed: bool = False) -> Analyser:
        """An analyser over an engine that belongs to no bundle yet.

        Args:
            embed: regions carry the embedding of their frame.
        """
        return Analyser(
            runtime,
            preprocess=self.preprocess,
            postprocess=self.postprocess,
            guard=self.guard,
            origin=UNBUNDLED,
            embed=embed,
        )

    def run(self, runtime: Runtime, progress: Progress) -> Answers:
        """Analyse every frame.

        Raises:
            EngineFailed: the engine did not answer every frame that reached it.
        """
        recorder = Recorder(runtime)
        outcomes = evaluate(self.analyser(recorder), self.frames, progress)
        if recorder.failures:
            answered = len(recorder.answers)
            raise EngineFailed(
                f"the engine answered {answered} of {answered + len(recorder.failures)} frames: "
                f"{recorder.failures[-1][:300]}"
            )
        return Answers(outcomes=outcomes, tensors=recorder.answers)


class Recorder:
    """A runtime that keeps the answers of the one inside it, and the reasons of its failures."""

    def __init__(self, inner: Runtime) -> None:
        self.inner = inner
        self.answers: list[Tensors] = []
        self.failures: list[str] = []

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
            self.failures.append(str(error))
            raise
        self.answers.append(answer)
        return answer

    def close(self) -> None:
        """As the runtime inside."""
        self.inner.close()
