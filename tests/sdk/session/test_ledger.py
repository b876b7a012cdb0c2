from __future__ import annotations

import pytest

from sonoedge import Reason
from sonoedge.session.ledger import Ledger


def test_ids_count_from_zero_and_new_frames_are_in_flight() -> None:
    ledger = Ledger()
    assert [ledger.open() for _ in range(3)] == [0, 1, 2]
    assert ledger.still_open == (0, 1, 2)
    assert ledger.counters().in_flight == 3


@pytest.mark.req("R14")
def test_a_frame_has_one_outcome_and_the_first_one_stays() -> None:
    ledger = Ledger()
    frame = ledger.open()
    assert ledger.analysed(frame)
    assert not ledger.analysed(frame)
    assert not ledger.superseded(frame)
    assert not ledger.not_analysed(frame, Reason.CLOSED)
    counters = ledger.counters()
    assert (counters.analysed, counters.superseded, counters.not_analysed) == (1, 0, {})
    assert counters.in_flight == 0


@pytest.mark.req("R14")
def test_the_counts_add_up_whatever_becomes_of_the_frames() -> None:
    ledger = Ledger()
    for n in range(40):
        frame = ledger.open()
        if n % 4 == 0:
            ledger.analysed(frame)
        elif n % 4 == 1:
            ledger.not_analysed(frame, Reason.STALE if n % 8 == 1 else Reason.PAUSED)
        elif n % 4 == 2:
            ledger.superseded(frame)
        assert ledger.counters().balanced
    counters = ledger.counters()
    assert counters.analysed == counters.superseded == counters.in_flight == 10
    assert counters.not_analysed == {"STALE": 5, "PAUSED": 5}


def test_counters_that_do_not_add_up_say_so() -> None:
    ledger = Ledger()
    ledger.open()
    counters = ledger.counters()
    assert counters.balanced
    object.__setattr__(counters, "analysed", 7)
    assert not counters.balanced


def test_an_unknown_frame_changes_nothing() -> None:
    ledger = Ledger()
    assert not ledger.analysed(5)
    assert ledger.counters().submitted == 0
