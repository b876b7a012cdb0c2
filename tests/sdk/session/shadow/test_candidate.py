"""A candidate beside a live session, both with workers of their own."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sonoedge
from sonoedge import Analysed, Analysis, EngineOptions, State
from sonoedge.errors import BundleNotFound
from sonoedge.session import Disagreement, LiveSession, Shadow, ShadowState, ShadowStatus
from sonoedge_bench.reliability.drive import frame, wait_until
from sonoedge_bench.reliability.faulty_bundle import first_frame_call

if not hasattr(os, "memfd_create"):
    pytest.skip("a worker process needs Linux", allow_module_level=True)

FIRST = first_frame_call(Path(__file__).parents[3] / "data" / "tiny")
TEST_DOUBLES = EngineOptions(test_doubles=True, threads=1)
LONG_MS = 60_000.0
Faulty = Callable[..., Path]


def shadow_on(bundle: Path, **settings: Any) -> Shadow:
    """A candidate that has its share of a machine that runs tests."""
    return Shadow(bundle=bundle, engine=TEST_DOUBLES, priority="equal", **settings)


def shadow_of(session: LiveSession) -> ShadowStatus:
    status = session.status().shadow
    assert status is not None
    assert status.balanced
    return status


def ended(pid: int) -> bool:
    """Whether a process is gone, or waits for nothing but to be missed."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    return status.rpartition(")")[2].split()[0] == "Z"


def runs(session: LiveSession) -> None:
    assert wait_until(lambda: shadow_of(session).state is ShadowState.RUNNING)


@pytest.mark.req("R48")
def test_a_candidate_is_compared_and_none_of_its_answers_is_delivered(
    faulty: Faulty, tmp_path: Path
) -> None:
    got: list[Analysis] = []
    told: list[Disagreement] = []
    wrong = faulty({"kind": "wrong", "call": FIRST}, name="candidate")
    shadow = shadow_on(wrong, every=2, on_disagreement=told.append)
    with sonoedge.live(
        faulty(), got.append, max_age_ms=LONG_MS, engine=TEST_DOUBLES, shadow=shadow
    ) as session:
        runs(session)
        origin = session.status().origin
        for number in range(6):
            session.submit(frame(number))
            assert session.drain(30)
            assert wait_until(lambda: shadow_of(session).in_flight == 0)
        status = session.status()
        assert status.counters.analysed == 6
        assert status.counters.balanced
        compared = shadow_of(session)
        assert compared.due == 3
        assert compared.compared + sum(compared.not_compared.values()) == 3
        assert len(told) == compared.compared - compared.agreed > 0
    assert {a.origin for a in got} == {origin}


@pytest.mark.req("R48")
@pytest.mark.parametrize("kind", ["sigsegv", "hang"])
def test_a_candidate_that_dies_or_hangs_costs_the_session_no_frame(
    faulty: Faulty, kind: str
) -> None:
    bad = faulty({"kind": kind, "call": FIRST}, name="candidate")
    shadow = shadow_on(bad, every=1, restarts=0, deadline_ms=200)
    with sonoedge.live(faulty(), max_age_ms=LONG_MS, engine=TEST_DOUBLES, shadow=shadow) as session:
        runs(session)
        for number in range(3):
            session.submit(frame(number))
            assert session.drain(30)
            assert isinstance(session.latest(), Analysed)
        assert wait_until(lambda: shadow_of(session).state is ShadowState.GIVEN_UP)
        status = session.status()
        assert (status.state, status.deaths) == (State.READY, 0)
        assert status.counters.analysed == 3
        why = "ENGINE_HUNG" if kind == "hang" else "ENGINE_CRASHED"
        assert shadow_of(session).failures == {why: 1}


@pytest.mark.req("R48")
def test_a_candidate_that_leaks_is_ended_at_its_limit(faulty: Faulty) -> None:
    leak = {"kind": "leak", "call": FIRST, "bytes": 50 << 20}
    shadow = shadow_on(
        faulty(leak, name="candidate"),
        every=1,
        restarts=0,
        memory_mb=200,
    )
    with sonoedge.live(faulty(), max_age_ms=LONG_MS, engine=TEST_DOUBLES, shadow=shadow) as session:
        runs(session)

        number = 0
        while shadow_of(session).state is not ShadowState.GIVEN_UP:
            session.submit(frame(number))
            number += 1
            assert session.drain(30)
            assert isinstance(session.latest(), Analysed)
            assert wait_until(lambda: shadow_of(session).in_flight == 0)
            assert shadow_of(session).compared < 20  # 200 MiB are used after four
        assert shadow_of(session).failures == {"MEMORY_EXCEEDED": 1}
        assert session.status().deaths == 0


def test_its_worker_ends_with_the_session_and_not_with_a_death_of_the_sessions_worker(
    faulty: Faulty,
) -> None:
    shadow = shadow_on(faulty(name="candidate"), every=1)
    with sonoedge.live(faulty(), max_age_ms=LONG_MS, engine=TEST_DOUBLES, shadow=shadow) as session:
        runs(session)
        assert session._shadow is not None
        candidate = session._shadow.worker_pid
        os.kill(session.worker_pid or 0, signal.SIGKILL)
        assert wait_until(lambda: session.status().deaths == 1)
        assert wait_until(lambda: session.status().state is State.READY)
        assert session._shadow.worker_pid == candidate
    assert shadow_of(session).state is ShadowState.CLOSED
    assert not Path(f"/proc/{candidate}").exists()


def test_closing_ends_the_candidate_though_its_callback_never_returns(faulty: Faulty) -> None:
    held, free = threading.Event(), threading.Event()

    def hold(disagreement: Disagreement) -> None:
        held.set()
        free.wait(60)

    wrong = faulty({"kind": "wrong", "call": FIRST}, name="candidate")
    session = sonoedge.live(
        faulty(),
        max_age_ms=LONG_MS,
        engine=TEST_DOUBLES,
        shadow=shadow_on(wrong, every=1, on_disagreement=hold),
    )
    try:
        runs(session)
        number = 0
        while not held.is_set():
            session.submit(frame(number))
            assert session.drain(30)
            assert wait_until(lambda: held.is_set() or shadow_of(session).in_flight == 0)
            number += 1
        assert session._shadow is not None
        candidate = session._shadow.worker_pid
        assert candidate is not None
        session.close()
        assert wait_until(lambda: ended(candidate))
    finally:
        free.set()
        session.close()
    assert wait_until(lambda: shadow_of(session).state is ShadowState.CLOSED)
    assert shadow_of(session).failures == {}


def test_a_candidate_that_is_no_bundle_is_an_error_of_the_call(
    faulty: Faulty, tmp_path: Path
) -> None:
    with pytest.raises(BundleNotFound):
        sonoedge.live(faulty(), engine=TEST_DOUBLES, shadow=shadow_on(tmp_path))
