from __future__ import annotations

from sonoedge import State
from sonoedge.session.refusals import REFUSAL, TROUBLE
from sonoedge.session.trial import ENGINE_FAULTS


def test_frames_are_analysed_in_no_state_but_two() -> None:
    assert set(REFUSAL) == set(State) - {State.READY, State.DEGRADED}


def test_every_fault_of_an_engine_is_a_trouble_of_the_session() -> None:
    assert set(ENGINE_FAULTS) <= set(TROUBLE)
