from __future__ import annotations

from pathlib import Path

import pytest

from sonoedge.bundle import read_bundle
from sonoedge.errors import EngineFailed
from sonoedge.runtime import Runtime, Tensors, runtime_class
from sonoedge_export.data.labelled import read_labelled
from sonoedge_export.evaluation.answers import Evaluation, Recorder
from sonoedge_export.evaluation.results import measure

TINY = Path(__file__).parents[2] / "data" / "tiny"


def engine() -> Runtime:
    graph = (TINY / "graphs" / "fp32.onnx").read_bytes()
    return runtime_class("onnxruntime")(graph, precision="fp32", threads=1)


@pytest.fixture
def evaluation(workplace: Path) -> Evaluation:
    manifest = read_bundle(TINY).manifest
    return Evaluation(
        frames=read_labelled(workplace / "frames" / "frames.json"),
        preprocess=manifest.preprocess,
        postprocess=manifest.postprocess,
        guard=manifest.guard,
    )


class Failing:
    """The engine inside, but for one call."""

    def __init__(self, inner: Runtime, call: int) -> None:
        self.inputs, self.outputs = inner.inputs, inner.outputs
        self._inner, self._left = inner, call

    def infer(self, tensors: Tensors) -> Tensors:
        self._left -= 1
        if self._left == 0:
            raise EngineFailed("out of memory")
        return self._inner.infer(tensors)

    def close(self) -> None:
        self._inner.close()


def test_each_frame_has_an_outcome_and_the_engines_raw_answer(evaluation: Evaluation) -> None:
    answers = evaluation.run(engine(), lambda done, of: None)
    assert len(answers.outcomes) == len(answers.tensors) == 8
    same = measure(answers, answers, evaluation.postprocess, intervals=False)
    assert (same.metrics["map_levels"], same.metrics["probs"]) == (0, 0)


def test_an_engine_that_fails_on_a_frame_is_not_measured_by_the_others(
    evaluation: Evaluation,
) -> None:
    with pytest.raises(EngineFailed, match="answered 7 of 8 frames: out of memory"):
        evaluation.run(Failing(engine(), call=3), lambda done, of: None)


def test_a_recorder_answers_as_the_engine_inside() -> None:
    inner = engine()
    recorder = Recorder(inner)
    assert (recorder.inputs, recorder.outputs) == (inner.inputs, inner.outputs)
