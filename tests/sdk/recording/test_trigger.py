from __future__ import annotations

from dataclasses import replace

import pytest

from sample_recordings.moments import ORIGIN, analysed, moment, refused, region
from sonoedge import Counters, Reason, State, Status
from sonoedge.recording.trigger import FAULTS, Triggers


def reasons(triggers: Triggers, *args: object) -> list[str]:
    return [t.reason for t in triggers.of_moment(moment(0, *args))]  # type: ignore[arg-type]


def test_a_flag_triggers_when_it_goes_up_and_not_while_it_stays() -> None:
    triggers = Triggers()
    assert reasons(triggers, analysed()) == []
    assert reasons(triggers, analysed(region())) == ["FRAME_FLAG"]
    assert reasons(triggers, analysed(region())) == []
    assert reasons(triggers, analysed(region(), up=True)) == ["TEMPORAL_FLAG"]
    assert reasons(triggers, analysed(up=True)) == []
    assert reasons(triggers, analysed(up=False)) == []
    assert reasons(triggers, analysed(region(), up=True)) == ["FRAME_FLAG", "TEMPORAL_FLAG"]


def test_a_frame_that_the_guard_stopped_neither_triggers_nor_ends_a_flag() -> None:
    triggers = Triggers()
    assert reasons(triggers, analysed(region())) == ["FRAME_FLAG"]
    assert reasons(triggers, refused(Reason.NO_CONTACT)) == []
    assert reasons(triggers, refused(Reason.STALE)) == []
    assert reasons(triggers) == []  # superseded
    assert reasons(triggers, analysed(region())) == []


@pytest.mark.parametrize("reason", FAULTS)
def test_a_fault_triggers_once_until_a_frame_is_analysed(reason: Reason) -> None:
    triggers = Triggers()
    kinds = [t.kind for t in triggers.of_moment(moment(0, refused(reason)))]
    assert kinds == ["fault"]
    assert reasons(triggers, refused(reason)) == []
    assert reasons(triggers, analysed()) == []
    assert reasons(triggers, refused(reason)) == [reason.value]


def test_streams_are_told_apart() -> None:
    triggers = Triggers()
    assert triggers.of_moment(moment(0, analysed(region())))
    assert triggers.of_moment(moment(0, analysed(region()), stream="other"))


def status(state: State, deaths: int, *why: str) -> Status:
    none = Counters(submitted=0, analysed=0, not_analysed={}, superseded=0, in_flight=0)
    return Status(
        state=state,
        reasons=why,
        valid_until_ns=0,
        at_ns=5,
        counters=none,
        deaths=deaths,
        callback_errors=0,
        origin=ORIGIN,
        choice="",
    )


def test_an_engines_death_and_a_latched_fault_trigger_once_each() -> None:
    triggers = Triggers()
    ready = status(State.READY, 0)
    assert triggers.of_status(ready) == []
    died = triggers.of_status(status(State.UNAVAILABLE, 1, "ENGINE_CRASHED"))
    assert [(t.kind, t.reason, t.at_ns, t.frame) for t in died] == [
        ("fault", "ENGINE_CRASHED", 5, None)
    ]
    assert triggers.of_status(replace(ready, deaths=1)) == []
    assert triggers.of_status(status(State.FAULT, 1, "WRONG_ANSWER"))[0].reason == "WRONG_ANSWER"
    assert triggers.of_status(status(State.FAULT, 1, "WRONG_ANSWER")) == []
