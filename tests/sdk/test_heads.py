"""Heads over engines that answer as they are told."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from sonoedge.bundle.heads import Fusion, Head, HeadGain
from sonoedge.errors import EngineFailed, InvalidManifest
from sonoedge.heads import Heads, NoOpinion, NoOpinionReason, Opinion, Outcome
from sonoedge.runtime import Tensors, TensorSpec


class Scripted:
    """Answers with one probability, or fails, and keeps what it was asked."""

    def __init__(self, answer: float | EngineFailed) -> None:
        self.answer = answer
        self.asked: list[list[float]] = []
        self.closed = 0
        self.inputs: tuple[TensorSpec, ...] = ()
        self.outputs: tuple[TensorSpec, ...] = ()

    def infer(self, tensors: Tensors) -> Tensors:
        if isinstance(self.answer, EngineFailed):
            raise self.answer
        self.asked.append(tensors["features"][0].tolist())
        p = self.answer
        return {"class_probs": np.array([[1 - p, p]], dtype=np.float32)}

    def close(self) -> None:
        self.closed += 1


def made_head(**values: Any) -> Head:
    given: dict[str, Any] = {
        "name": "second",
        "kind": "logistic",
        "inputs": ("features",),
        "measures": ("shape.b", "shape.a"),
        "model": "heads/second.onnx",
        "golden": "golden/head-second.npz",
        "golden_rows": 1,
        "network_sha256": "0" * 64,
        "threshold": 0.4,
        "fitted_on": (),
        "chosen_on": (),
        "settings": {},
        "auroc": 0.8,
        "gain": HeadGain(mean=None, ci95=None),
        "fused": None,
        "variants": ("a",),
    }
    return Head(**given | values)


NAMES = ("shape.a", "glcm.x", "shape.b")
MEASURES = np.array([1, 2, 3], dtype=np.float32)


def ask(engine: Scripted | None, measures: Any = MEASURES, **values: Any) -> Outcome:
    heads = Heads([(made_head(**values), engine)], NAMES)
    (outcome,) = heads.ask(measures, suspicion=0.7, flagged=True)
    return outcome


def test_a_head_gets_its_own_measures_in_its_own_order() -> None:
    engine = Scripted(0.5)
    ask(engine)
    assert engine.asked == [[3.0, 1.0]]


@pytest.mark.parametrize(("p", "flagged"), [(0.39, False), (0.41, True)])
def test_it_is_judged_by_its_own_threshold_and_disagrees_with_the_other_flag(
    p: float, flagged: bool
) -> None:
    outcome = ask(Scripted(p))
    assert isinstance(outcome, Opinion)
    assert outcome.flagged is flagged
    assert outcome.disagrees is not flagged
    assert outcome.fused is None


def test_a_fused_suspicion_is_the_logistic_of_both_logits() -> None:
    outcome = ask(Scripted(0.5), fused=Fusion(intercept=0.0, network=1.0, head=2.0))
    assert isinstance(outcome, Opinion)
    assert outcome.fused == pytest.approx(0.7)


@pytest.mark.parametrize("answer", [float("nan"), 1.5, -0.1, EngineFailed("out of memory")])
def test_an_answer_that_is_none_is_told_as_none(answer: Any) -> None:
    assert ask(Scripted(answer)) == NoOpinion(name="second", reason=NoOpinionReason.HEAD_FAILED)


@pytest.mark.parametrize("measures", [None, np.array([1, 2, np.nan], dtype=np.float32)])
def test_without_measures_no_engine_is_asked(measures: Any) -> None:
    engine = Scripted(0.5)
    assert ask(engine, measures) == NoOpinion(name="second", reason=NoOpinionReason.NOT_MEASURED)
    assert engine.asked == []


BOTH = (*NAMES, "embedding.0", "embedding.1")


def hybrid(engine: Scripted, measures: Any, embedding: Any) -> Outcome:
    head = made_head(inputs=("features", "embedding"), measures=("embedding.1", "shape.a"))
    (outcome,) = Heads([(head, engine)], BOTH).ask(measures, embedding, suspicion=0.7, flagged=True)
    return outcome


def test_a_hybrid_is_told_measures_and_the_embedding_of_the_frame() -> None:
    engine = Scripted(0.5)
    assert isinstance(hybrid(engine, MEASURES, np.array([8, 9], dtype=np.float32)), Opinion)
    assert engine.asked == [[9.0, 1.0]]


@pytest.mark.parametrize(
    ("measures", "embedding", "reason"),
    [
        (MEASURES, None, NoOpinionReason.NO_EMBEDDING),
        (MEASURES, np.array([8, np.inf], dtype=np.float32), NoOpinionReason.NO_EMBEDDING),
        (MEASURES, np.array([8, 9, 10], dtype=np.float32), NoOpinionReason.NO_EMBEDDING),
        (None, np.array([8, 9], dtype=np.float32), NoOpinionReason.NOT_MEASURED),
        (None, None, NoOpinionReason.NOT_MEASURED),
    ],
)
def test_a_hybrid_that_lacks_one_of_both_says_nothing(
    measures: Any, embedding: Any, reason: NoOpinionReason
) -> None:
    engine = Scripted(0.5)
    assert hybrid(engine, measures, embedding) == NoOpinion(name="second", reason=reason)
    assert engine.asked == []


def test_a_head_without_an_engine_was_not_checked_on_this_variant() -> None:
    assert ask(None) == NoOpinion(name="second", reason=NoOpinionReason.VARIANT_NOT_CHECKED)


def test_a_measure_that_is_not_taken_is_named() -> None:
    with pytest.raises(InvalidManifest, match=r"fitted on 'laws\.ee'.*1 of 2 are missing"):
        Heads([(made_head(measures=("shape.a", "laws.ee")), Scripted(0.5))], NAMES)


def test_two_threads_never_call_an_engine_at_once() -> None:
    inside, most = 0, 0

    class Counting(Scripted):
        def infer(self, tensors: Tensors) -> Tensors:
            nonlocal inside, most
            inside += 1
            most = max(most, inside)
            threading.Event().wait(0.002)
            inside -= 1
            return super().infer(tensors)

    heads = Heads([(made_head(), Counting(0.5))], NAMES)
    threads = [
        threading.Thread(
            target=heads.ask, args=(MEASURES,), kwargs={"suspicion": 0.7, "flagged": True}
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_closing_gives_every_engine_back() -> None:
    engine = Scripted(0.5)
    with Heads([(made_head(), engine), (made_head(name="silent"), None)], NAMES):
        pass
    assert engine.closed == 1
