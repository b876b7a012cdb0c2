"""Golden frames take turns with frames, and are asked more often in idleness."""

from __future__ import annotations

import pytest

from sonoedge.session.golden_schedule import GoldenSchedule

S = 1_000_000_000


def schedule(count: int = 2) -> GoldenSchedule:
    made = GoldenSchedule(every_ns=300 * S, idle_ns=10 * S, now_ns=0)
    made.begin(count, 0)
    return made


def test_none_is_due_before_its_time_while_frames_come() -> None:
    golden = schedule()
    for second in range(1, 300):
        golden.frame_taken()
        golden.frame_analysed(second * S)
        assert not golden.goes_first(second * S)
        assert not golden.due(second * S)


def test_a_round_takes_turns_with_frames_until_all_are_asked() -> None:
    golden = schedule()
    now = 300 * S
    golden.frame_taken()
    golden.frame_analysed(now)
    asked = []
    while golden.goes_first(now):
        asked.append(golden.take())
        golden.answered(now)
        assert not golden.goes_first(now)  # a frame's turn
        golden.frame_taken()
    assert asked == [0, 1]
    assert not golden.due(now + S // 2)


def test_idleness_asks_them_sooner() -> None:
    golden = schedule()
    golden.frame_taken()
    golden.frame_analysed(9 * S + S // 2)
    assert not golden.due(10 * S)  # frames came a moment ago
    assert golden.due(11 * S)
    assert golden.take() == 0
    golden.answered(11 * S)
    assert golden.due(11 * S)  # the round goes on
    assert golden.take() == 1
    golden.answered(11 * S)
    assert not golden.due(12 * S)


def test_a_bundle_without_golden_frames_is_never_asked() -> None:
    golden = schedule(count=0)
    assert not golden.goes_first(900 * S)
    assert not golden.due(900 * S)


@pytest.mark.req("R51")
def test_frames_that_the_guard_refuses_are_idleness_and_take_turns_with_the_golden_ones() -> None:
    golden = schedule()
    for second in range(1, 10):
        golden.frame_taken()
        assert not golden.goes_first(second * S)
    golden.frame_taken()
    assert golden.goes_first(10 * S)  # however close the frames follow on each other
    assert golden.take() == 0
    golden.answered(10 * S)
    assert not golden.goes_first(10 * S)
    golden.frame_taken()
    assert golden.goes_first(10 * S)
