from __future__ import annotations

from sonoedge.audit.inbox import MOST_A_MINUTE, MOST_WAITING, RESERVE, Inbox
from sonoedge.audit.record import Entry

MINUTE_NS = 60_000_000_000


def entry(kind: str = "drops", mono_ns: int = 0, *, urgent: bool = False) -> Entry:
    return Entry(mono_ns=mono_ns, kind=kind, values={}, urgent=urgent)


def test_entries_come_out_in_their_order() -> None:
    inbox = Inbox()
    for i in range(5):
        inbox.put(entry(mono_ns=i))
    assert [e.mono_ns for e in inbox.take(3)] == [0, 1, 2]
    assert len(inbox) == 2
    assert [e.mono_ns for e in inbox.take(3)] == [3, 4]
    assert inbox.take(3) == []


def test_what_does_not_fit_is_counted_and_what_is_urgent_has_more_room() -> None:
    inbox = Inbox()
    for _ in range(MOST_WAITING + 7):
        inbox.put(entry())
    assert (len(inbox), inbox.take_lost(), inbox.take_lost()) == (MOST_WAITING, 7, 0)
    for _ in range(RESERVE + 2):
        inbox.put(entry(urgent=True))
    assert (len(inbox), inbox.take_lost()) == (MOST_WAITING + RESERVE, 2)


def test_a_kind_that_comes_too_often_is_counted_by_the_minute() -> None:
    inbox = Inbox()
    for second in range(120):
        for _ in range(3):
            inbox.put(entry("state", second * 10**9))
    assert len(inbox) == 2 * MOST_A_MINUTE
    assert inbox.take_limited() == {"state": 2 * (180 - MOST_A_MINUTE)}
    assert inbox.take_limited() == {}


def test_a_fault_is_never_too_often() -> None:
    inbox = Inbox()
    for _ in range(MOST_A_MINUTE + 5):
        inbox.put(entry("state"))
    inbox.put(entry("state", urgent=True), always=True)
    assert inbox.take(999)[-1].urgent


def test_kinds_are_counted_apart() -> None:
    inbox = Inbox()
    for _ in range(MOST_A_MINUTE + 1):
        inbox.put(entry("state"))
        inbox.put(entry("flag"))
    assert inbox.take_limited() == {"state": 1, "flag": 1}


def test_a_wait_ends_when_something_is_there() -> None:
    inbox = Inbox()
    inbox.put(entry())
    inbox.wait(3600)
    inbox.take(1)
    inbox.wait(0.001)
