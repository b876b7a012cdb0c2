from __future__ import annotations

import threading

from scripted_engines import origin_of
from sonoedge import State
from sonoedge.errors import EngineCrashed, EngineFailed
from sonoedge.session.engine import EngineReady
from sonoedge.session.outcomes import Outcomes
from sonoedge.session.standing import Standing
from sonoedge.session.states import HealthRules, StateReason


def standing(max_deaths: int = 5) -> Standing:
    outcomes = Outcomes(max_age_ns=1, placeholder=origin_of(""), clock_ns=lambda: 0)
    rules = HealthRules(max_deaths=max_deaths)
    made = Standing(threading.Lock(), rules, outcomes, lambda: 0)
    made.engine_ready(greeting("first"))
    return made


def greeting(name: str) -> EngineReady:
    return EngineReady(origin=origin_of(name), choice=name, golden=1)


def test_a_switch_changes_what_runs_and_not_the_state() -> None:
    made = standing()
    made.switched(greeting("second"), 100)
    assert (made.state, made.choice) == (State.READY, "second")
    assert (made.switch.switched, made.switch.trial_frames_left) == (1, 100)
    made.tried(99)
    assert made.switch.trial_frames_left == 99


def test_going_back_is_told_by_the_state_and_by_what_failed() -> None:
    made = standing()
    made.switched(greeting("second"), 100)
    assert made.reverted(origin_of("first"), StateReason.ENGINE_HUNG)
    assert made.state is State.UNAVAILABLE
    made.engine_ready(greeting("first"))
    assert made.state is State.DEGRADED
    assert made.health.reasons == ("SWITCH_REVERTED",)
    assert (made.switch.reverted, made.switch.last_failure) == (1, "ENGINE_HUNG")
    assert made.switch.trial_frames_left == 0


def test_a_bundle_that_fails_on_trial_counts_among_the_deaths() -> None:
    made = standing(max_deaths=1)
    made.switched(greeting("second"), 100)
    assert not made.reverted(origin_of("first"), StateReason.ENGINE_CRASHED)
    assert made.state is State.FAULT
    assert not made.may_restart


def test_whoever_waits_for_the_first_engine_gets_the_first_error() -> None:
    outcomes = Outcomes(max_age_ns=1, placeholder=origin_of(""), clock_ns=lambda: 0)
    made = Standing(threading.Lock(), HealthRules(), outcomes, lambda: 0)
    first, second = EngineFailed("first"), EngineCrashed("second")
    made.refuse_opening(first)
    made.refuse_opening(second)
    assert made.open_error is first
    opened = standing()
    opened.refuse_opening(second)
    assert opened.open_error is None
