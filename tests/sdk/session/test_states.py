from __future__ import annotations

import itertools

import pytest

from sonoedge.session.states import BEAT_VALID_NS, Health, HealthRules, State, StateReason

S = 1_000_000_000
RULES = HealthRules(max_deaths=5, death_window_s=60, recover_frames=3, recover_s=1.0)


def health() -> Health:
    return Health(RULES, 0)


def ready(at_ns: int = 0) -> Health:
    made = health()
    made.engine_ready(at_ns)
    return made


def test_a_session_begins_in_starting_and_is_ready_with_its_engine() -> None:
    made = health()
    assert made.state is State.STARTING
    assert made.reasons == ("ENGINE_LOADING",)
    made.engine_ready(S)
    assert made.state is State.READY
    assert made.reasons == ()


def test_one_death_makes_it_unavailable_until_the_next_engine_is_ready() -> None:
    made = ready()
    assert made.died(StateReason.ENGINE_CRASHED, S)
    assert (made.state, made.reasons) == (State.UNAVAILABLE, ("ENGINE_CRASHED",))
    made.engine_ready(2 * S)
    assert made.state is State.READY


def test_a_second_death_leaves_it_degraded_for_a_while() -> None:
    made = ready()
    for at in (S, 2 * S):
        made.died(StateReason.ENGINE_HUNG, at)
        made.engine_ready(at)
    assert (made.state, made.reasons) == (State.DEGRADED, ("ENGINE_HUNG",))
    for _ in range(3):
        made.good(2 * S + 10)
    assert made.state is State.DEGRADED  # enough frames, not enough time
    made.good(3 * S)
    assert made.state is State.READY


def test_degraded_is_left_only_after_good_frames_in_a_row() -> None:
    made = ready()
    made.trouble(StateReason.RESULTS_STALE, S)
    made.good(10 * S)
    made.good(10 * S)
    made.trouble(StateReason.RESULTS_STALE, 10 * S)
    made.good(20 * S)
    made.good(20 * S)
    assert made.state is State.DEGRADED  # enough time, not enough frames
    made.good(20 * S)
    assert made.state is State.READY


def test_the_fifth_death_within_the_window_latches_fault() -> None:
    made = ready()
    assert [made.died(StateReason.ENGINE_CRASHED, n * S) for n in range(5)] == [True] * 4 + [False]
    assert (made.state, made.reasons) == (State.FAULT, ("TOO_MANY_DEATHS",))


def test_deaths_far_apart_never_latch() -> None:
    made = ready()
    for n in range(50):
        assert made.died(StateReason.ENGINE_CRASHED, n * 16 * S)
        made.engine_ready(n * 16 * S)
    assert made.deaths == 50


@pytest.mark.req("R18")
def test_fault_is_latched_against_everything_but_closing() -> None:
    made = ready()
    made.fault(StateReason.WRONG_ANSWER, S)
    made.engine_ready(2 * S)
    made.pause(True, 3 * S)
    made.pause(False, 4 * S)
    made.fault(StateReason.INTERNAL_ERROR, 5 * S)
    for n in range(100):
        made.good(n * S)
    assert (made.state, made.reasons) == (State.FAULT, ("WRONG_ANSWER",))
    made.close(6 * S)
    assert (made.state, made.reasons) == (State.UNAVAILABLE, ("CLOSED",))


def test_a_pause_hides_the_engine_and_gives_it_back() -> None:
    made = ready()
    made.pause(True, S)
    assert (made.state, made.reasons) == (State.PAUSED, ("PAUSED",))
    made.died(StateReason.ENGINE_CRASHED, 2 * S)
    assert made.state is State.PAUSED
    made.pause(False, 3 * S)
    assert made.state is State.UNAVAILABLE


@pytest.mark.req("R16")
def test_the_beat_alone_keeps_a_ready_session_valid() -> None:
    made = ready()
    made.beat(S)
    assert made.valid_until_ns == S + BEAT_VALID_NS
    for _ in range(3):
        made.good(5 * S)
        assert made.valid_until_ns == S + BEAT_VALID_NS
    made.beat(2 * S)
    assert made.valid_until_ns == 2 * S + BEAT_VALID_NS


@pytest.mark.req("R16")
def test_valid_until_lies_ahead_in_ready_and_degraded_alone() -> None:
    now = 5 * S
    for up, trouble, paused, fault, closed in itertools.product((False, True), repeat=5):
        made = health()
        if up:
            made.engine_ready(now)
        if trouble:
            made.trouble(StateReason.RESULTS_STALE, now)
        if fault:
            made.fault(StateReason.WRONG_ANSWER, now)
        made.pause(paused, now)
        if closed:
            made.close(now)
        made.beat(now)
        ahead = made.valid_until_ns > now
        assert ahead == (made.state in (State.READY, State.DEGRADED))
