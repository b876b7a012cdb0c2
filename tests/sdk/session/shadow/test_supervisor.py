"""A candidate's thread, with engines that do as a script says."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from scripted_engines import MS, Script, ScriptedEngine, origin_of
from sonoedge import Analysed, Frame, NotAnalysed, Reason, Region
from sonoedge.errors import DigestMismatch, EngineFailed, GoldenMismatch
from sonoedge.session import Disagreement, Shadow, ShadowState, ShadowStatus
from sonoedge.session.mailbox import Submission
from sonoedge.session.shadow import supervisor as module
from sonoedge.session.shadow.comparison import Comparisons
from sonoedge.session.shadow.mailbox import ShadowMailbox
from sonoedge.session.shadow.supervisor import FIRST_PAUSE_NS, ShadowSupervisor
from sonoedge.session.shadow.tally import ShadowTally
from sonoedge_bench.reliability.drive import speckle, wait_until

PIXELS = speckle(0, height=16, width=16)


class Bench:
    """A candidate beside a session that is played by the test."""

    def __init__(self, load: Any = "ready", **settings: Any) -> None:
        self.script = Script()
        self.script.loads["second"] = load
        self.calm = True
        self.given_back: list[Any] = []
        self.released = threading.Event()
        self.frames = 0
        shadow = Shadow(**({"bundle": "second", "every": 1} | settings))
        tally = ShadowTally("second")
        self.mailbox = ShadowMailbox(
            shadow.every,
            tally,
            is_calm=lambda: self.calm,
            give_back=self.given_back.append,
        )
        self.supervisor = ShadowSupervisor(
            shadow,
            tally,
            self.mailbox,
            make=self.script.bundle("second").make,
            release=self.released.set,
            clock_ns=self.script.clock_ns,
        )
        self.thread = threading.Thread(target=self.supervisor.run, daemon=True)
        self.thread.start()

    def status(self) -> ShadowStatus:
        status = self.supervisor.tally.status()
        assert status.balanced
        return status

    def until(self, true: Callable[[ShadowStatus], object]) -> None:
        def woken() -> object:
            self.mailbox.wakeup.ring()
            return true(self.status())

        assert wait_until(woken), self.status()

    def runs(self) -> None:
        self.until(lambda status: status.state is ShadowState.RUNNING)

    def frame(self, *regions: Region, bundle: str = "first") -> None:
        """The session has analysed a frame."""
        frame = Frame(pixels=PIXELS, captured_ns=0)
        submission = Submission(frame_id=self.frames, stream="main", frame=frame, born_ns=0)
        active = Analysed(
            frame_id=self.frames,
            captured_ns=0,
            age_ms=1.0,
            stages_ms={},
            origin=origin_of(bundle),
            regions=regions,
            class_probs={},
        )
        self.frames += 1
        if self.mailbox.is_due(active):
            self.mailbox.offer(submission, active)

    def compared(self) -> None:
        """It has analysed a frame, and the candidate has as well."""
        before = self.status().compared
        self.frame()
        self.until(lambda status: status.compared == before + 1)

    def close(self) -> None:
        self.supervisor.close()
        self.thread.join(10)
        assert self.released.is_set()
        assert self.script.living() == []


@pytest.fixture
def bench() -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(**settings: Any) -> Bench:
        made.append(Bench(**settings))
        return made[-1]

    yield make
    for each in made:
        each.close()
        status = each.status()
        assert (status.state, status.in_flight) == (ShadowState.CLOSED, 0)


REGION = Region(
    contour_px=np.array([(0, 0), (9, 0), (9, 9)], dtype=np.int32),
    box_px=(0, 0, 10, 10),
    area_px=40.0,
    area_mm2=None,
    box_mm=None,
    suspicion=0.9,
    class_probs={},
    flagged=True,
)


def test_one_of_so_many_analysed_frames_is_shown_and_compared(bench: Callable[..., Bench]) -> None:
    each = bench(every=3)
    each.runs()
    for number in range(1, 10):
        each.frame()
        each.until(lambda status, n=number: status.compared == n // 3)
    status = each.status()
    assert (status.due, status.compared, status.agreed) == (3, 3, 3)
    assert len(each.given_back) == 3  # the pixels, for frames to come
    assert (status.bundle_id, status.against) == ("second", "first")


def test_disagreements_are_counted_by_kind_and_told(bench: Callable[..., Bench]) -> None:
    told: list[Disagreement] = []
    each = bench(on_disagreement=told.append)
    each.script.regions["second"] = (REGION,)
    each.runs()
    each.compared()
    status = each.status()
    assert (status.compared, status.agreed) == (1, 0)
    assert status.disagreements == {"FLAG": 1, "REGIONS": 1, "SUSPICION": 1}
    assert [d.frame_id for d in told] == [0]


def test_a_callback_that_fails_is_counted_and_costs_nothing(bench: Callable[..., Bench]) -> None:
    def leave(disagreement: Disagreement) -> None:
        raise SystemExit

    each = bench(on_disagreement=leave)
    each.script.regions["second"] = (REGION,)
    each.runs()
    each.compared()
    each.compared()
    assert each.status().callback_errors == 2


def test_nothing_is_loaded_and_nothing_shown_while_the_session_is_not_calm(
    bench: Callable[..., Bench],
) -> None:
    each = bench()
    each.runs()
    each.calm = False
    each.frame()
    assert each.status().not_compared == {"SESSION_BUSY": 1}
    each.script.made[0].die()
    each.until(lambda status: status.state is ShadowState.WAITING)
    each.script.now_ns += FIRST_PAUSE_NS
    each.mailbox.wakeup.ring()
    assert len(each.script.made) == 1
    each.calm = True
    each.runs()
    each.compared()


def test_a_frame_that_waits_when_a_newer_one_is_due_is_superseded(
    bench: Callable[..., Bench],
) -> None:
    each = bench()
    each.runs()
    each.script.modes["second"] = "hang"
    each.frame()
    each.until(lambda status: each.script.made[0].asked)
    each.frame()
    each.frame()
    assert each.status().not_compared == {"SUPERSEDED": 1}
    assert each.status().in_flight == 2


@pytest.mark.parametrize(("mode", "why"), [("crash", "ENGINE_CRASHED"), ("hang", "ENGINE_HUNG")])
def test_a_candidate_that_fails_is_started_again_after_growing_pauses_and_then_given_up(
    bench: Callable[..., Bench], mode: str, why: str
) -> None:
    each = bench(restarts=2)
    each.script.modes["second"] = mode
    for failures in (1, 2, 3):
        each.runs()
        asked = len(each.script.made[-1].asked)
        each.frame()
        if mode == "hang":
            each.until(lambda status, n=asked: len(each.script.made[-1].asked) > n)
            each.script.now_ns += 5001 * MS
        each.until(lambda status, n=failures: status.failures == {why: n})
        if failures < 3:
            each.until(lambda status: status.state is ShadowState.WAITING)
            each.script.now_ns += 2 ** (failures - 1) * FIRST_PAUSE_NS - 1
            each.mailbox.wakeup.ring()
            assert len(each.script.made) == failures
            each.script.now_ns += 1
    status = each.status()
    assert (status.state, status.last_failure) == (ShadowState.GIVEN_UP, why)
    assert status.not_compared == {why: 3}
    each.frame()
    assert each.status().due == 3  # it is not due any more
    each.script.now_ns += 10**12
    each.mailbox.wakeup.ring()
    assert len(each.script.made) == 3


@pytest.mark.parametrize(
    ("load", "why", "state"),
    [
        (GoldenMismatch("wrong"), "WRONG_ANSWER", ShadowState.GIVEN_UP),
        (DigestMismatch("damaged"), "BUNDLE_UNUSABLE", ShadowState.GIVEN_UP),
        (EngineFailed("no memory"), "ENGINE_FAILED", ShadowState.WAITING),
        ("dies", "ENGINE_CRASHED", ShadowState.WAITING),
        ("no process", "ENGINE_FAILED", ShadowState.WAITING),
    ],
)
def test_a_candidate_that_cannot_be_opened(
    bench: Callable[..., Bench], load: Any, why: str, state: ShadowState
) -> None:
    each = bench(load=load)
    each.until(lambda status: status.failures == {why: 1})
    each.until(lambda status: status.state is state)


def test_a_candidate_that_uses_too_much_memory_is_ended(
    bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    used = 100 << 20
    monkeypatch.setattr(module, "private_bytes", lambda pid: used)
    monkeypatch.setattr(module, "limit_worker", lambda pid, most, priority: None)
    monkeypatch.setattr(ShadowSupervisor, "worker_pid", property(lambda self: 1))
    each = bench(memory_mb=100)
    each.runs()
    each.compared()
    used += 1
    each.until(lambda status: status.failures == {"MEMORY_EXCEEDED": 1})
    assert each.script.made[0].killed


def test_a_candidate_that_gets_no_processor_is_not_taken_for_one_that_hangs(
    bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    waited_ms = {"1": 0.0}
    monkeypatch.setattr(ScriptedEngine, "cpu_wait_ms", lambda self: dict(waited_ms))
    each = bench()
    each.runs()
    each.script.modes["second"] = "hang"
    each.frame()
    each.until(lambda status: each.script.made[0].asked)
    each.until(lambda status: each.supervisor._deadline._cpu_wait_ms is not None)
    waited_ms["1"] = 4900.0
    each.script.now_ns += 5001 * MS
    each.until(lambda status: not each.supervisor._deadline.has_passed(each.script.now_ns))
    assert each.status().failures == {}
    each.script.now_ns += 5001 * MS  # and now it has had one
    each.until(lambda status: status.failures == {"ENGINE_HUNG": 1})


def test_three_failed_calls_in_a_row_are_a_failure(bench: Callable[..., Bench]) -> None:
    each = bench()
    each.runs()
    each.script.modes["second"] = "failing"
    for _ in range(3):
        each.compared()
    each.until(lambda status: status.failures == {"ENGINE_FAILED": 1})
    assert each.status().disagreements == {"NOT_ANALYSED": 3}


def test_a_frame_that_cannot_cross_is_left_out(bench: Callable[..., Bench]) -> None:
    each = bench()
    each.runs()
    each.script.modes["second"] = "refuses"
    each.frame()
    each.until(lambda status: status.not_compared == {"INTERNAL_ERROR": 1})
    each.script.modes.clear()
    each.compared()


def test_counts_begin_anew_when_another_bundle_counts(bench: Callable[..., Bench]) -> None:
    each = bench()
    each.runs()
    each.compared()
    each.frame(bundle="third")
    each.until(lambda status: status.against == "third" and status.compared == 1)
    assert each.status().due == 1


def test_a_frame_that_the_session_found_too_late_is_not_due(bench: Callable[..., Bench]) -> None:
    each = bench()
    each.runs()
    frame = Frame(pixels=PIXELS, captured_ns=0)
    late = NotAnalysed(
        frame_id=0,
        captured_ns=0,
        age_ms=1.0,
        stages_ms={},
        origin=origin_of("first"),
        reasons=(Reason.STALE,),
    )
    each.mailbox.offer(Submission(frame_id=0, stream="main", frame=frame, born_ns=0), late)
    assert each.status().due == 0
    assert len(each.given_back) == 1


def test_a_fault_of_its_own_thread_ends_the_candidate_alone(
    bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **more: object) -> None:
        raise AssertionError("planted")

    monkeypatch.setattr(Comparisons, "take", broken)
    each = bench()
    each.runs()
    each.frame()
    each.thread.join(10)
    status = each.status()
    assert (status.state, status.last_failure) == (ShadowState.GIVEN_UP, "INTERNAL_ERROR")
    each.frame()
    assert dataclasses.replace(each.status(), state=status.state) == status
    each.supervisor.tally.becomes(ShadowState.CLOSED)
