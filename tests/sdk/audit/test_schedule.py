from __future__ import annotations

from sonoedge.audit.schedule import Schedule

S = 1_000_000_000


def test_what_is_written_is_synced_within_sixty_seconds_of_the_first_of_it() -> None:
    schedule = Schedule(0)
    schedule.wrote(10 * S, urgent=False)
    schedule.wrote(69 * S, urgent=False)
    assert not schedule.sync_due(70 * S - 1)
    assert schedule.sync_due(70 * S)
    schedule.synced()
    assert not schedule.sync_due(10_000 * S)


def test_a_log_is_sealed_every_fifteen_minutes_though_nothing_happens() -> None:
    schedule = Schedule(0)
    assert not schedule.seal_due(900 * S - 1)
    assert schedule.seal_due(900 * S)
    schedule.sealed(901 * S)
    assert not schedule.seal_due(1800 * S)


def test_what_is_urgent_is_synced_and_sealed_at_once_and_then_every_five_seconds() -> None:
    schedule = Schedule(0)
    schedule.wrote(S, urgent=True)
    assert schedule.sync_due(S)
    assert schedule.seal_due(S)
    schedule.sealed(S)
    assert not schedule.sync_due(2 * S)
    schedule.wrote(3 * S, urgent=True)
    assert schedule.sync_due(3 * S)
    schedule.synced()
    assert not schedule.seal_due(6 * S - 1)
    assert schedule.seal_due(6 * S)


def test_the_wait_is_as_long_as_nothing_is_due() -> None:
    schedule = Schedule(0)
    assert schedule.wait_s(0) == 60  # the minute's counts
    schedule.sampled(60 * S)
    schedule.wrote(70 * S, urgent=False)
    assert schedule.wait_s(80 * S) == 40
    schedule.wrote(100 * S, urgent=True)
    assert schedule.wait_s(100 * S) == 0
    schedule.sealed(100 * S)
    schedule.wrote(101 * S, urgent=True)
    assert schedule.wait_s(101 * S) == 4
    assert schedule.wait_s(10_000 * S) == 0


def test_counts_are_taken_every_minute() -> None:
    schedule = Schedule(5)
    assert not schedule.sample_due(60 * S)
    assert schedule.sample_due(60 * S + 5)
    schedule.sampled(61 * S)
    assert not schedule.sample_due(120 * S)
