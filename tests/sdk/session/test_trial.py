from __future__ import annotations

import pytest

from scripted_engines import Script, origin_of
from sonoedge import Analysed, NotAnalysed, Reason
from sonoedge.session.engine import EngineReady
from sonoedge.session.retired import RetiredEngines
from sonoedge.session.session_bundle import ReadyEngine
from sonoedge.session.states import StateReason
from sonoedge.session.trial import Trial

VALUES = {
    "frame_id": 0,
    "captured_ns": 0,
    "age_ms": 1.0,
    "stages_ms": {},
    "origin": origin_of("second"),
}
FOUND = Analysed(regions=(), class_probs={}, **VALUES)  # type: ignore[arg-type]


def refused(reason: Reason) -> NotAnalysed:
    return NotAnalysed(reasons=(reason,), **VALUES)  # type: ignore[arg-type]


def ready(script: Script, name: str) -> ReadyEngine:
    return ReadyEngine(
        engine=script.start(name),
        bundle=script.bundle(name),
        greeting=EngineReady(origin=origin_of(name), choice="scripted", golden=1),
    )


def test_only_analysed_frames_count_towards_its_end() -> None:
    script, trial = Script(), Trial(RetiredEngines(), 2)
    trial.begin(ready(script, "first"))
    for outcome in (refused(Reason.FRAME_FROZEN), FOUND, refused(Reason.OUT_OF_SCOPE)):
        assert trial.judge(outcome) is None
    assert (trial.on, trial.frames_left) == (True, 1)
    assert trial.judge(FOUND) is None
    assert not trial.on
    assert script.living() == []


@pytest.mark.parametrize(
    ("reason", "times", "why"),
    [
        (Reason.ENGINE_FAILED, 3, StateReason.ENGINE_FAILED),
        (Reason.ENGINE_OUTPUT_INVALID, 3, StateReason.ENGINE_FAILED),
        (Reason.STALE, 10, StateReason.RESULTS_STALE),
    ],
)
def test_it_ends_early_after_so_many_faults_of_the_engines(
    reason: Reason, times: int, why: StateReason
) -> None:
    script, trial = Script(), Trial(RetiredEngines(), 100)
    trial.begin(ready(script, "first"))
    for _ in range(times - 1):
        assert trial.judge(refused(reason)) is None
        assert trial.judge(FOUND) is None
    verdict = trial.judge(refused(reason))
    assert verdict is not None
    assert verdict[0] is why
    before, engine = trial.end()
    assert before.greeting.origin.bundle_id == "first"
    assert engine is script.made[0]
    assert not trial.on


def test_without_a_trial_nothing_is_judged() -> None:
    trial = Trial(RetiredEngines(), 1)
    assert trial.judge(refused(Reason.STALE)) is None
    trial.sweep()
    trial.stop()
    assert not trial.on
