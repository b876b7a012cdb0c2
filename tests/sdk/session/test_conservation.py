"""Whatever happens, in whatever order: every frame has one outcome, and the counts add up."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
import time

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from scripted_engines import (
    DEADLINE_MS,
    MAX_AGE_MS,
    Script,
    ScriptedEngine,
    origin_of,
    scripted_session,
)
from sonoedge import Analysed, Analysis, Frame, FrameMeta, NotAnalysed, Reason, State
from sonoedge.errors import SwitchRefused
from sonoedge.session import HealthRules
from sonoedge.session.engine import EngineReady, FrameAnswer
from sonoedge.session.exchange import Exchange
from sonoedge.session.mailbox import Submission
from sonoedge.session.switching import SwitchRequest
from sonoedge_bench.reliability.drive import speckle, wait_until

BUNDLES = ("first", "second")
PICTURES = [speckle(n, height=16, width=16) for n in range(4)]


class Callback:
    """Keeps what it gets; while its gate is shut it is a slow one."""

    def __init__(self) -> None:
        self.got: list[Analysis] = []
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, analysis: Analysis) -> None:
        self.got.append(analysis)
        self.gate.wait()
        if len(self.got) % 7 == 6:
            raise RuntimeError("the callback's own fault")


class Sessions(RuleBasedStateMachine):
    """Two streams, an engine that fails in every way, a clock that is moved by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.script = Script()
        self.callback = Callback()
        self.session = scripted_session(self.script, self.callback, shadow=True)
        self.stream_of: dict[int, str] = {}
        self.closed = False

    @rule(
        stream=st.sampled_from(["left", "right"]),
        count=st.integers(1, 4),
        old_ms=st.sampled_from([0, 0, 0, 100, 200]),
        frozen=st.booleans(),
        form=st.sampled_from(["good", "good", "good", "none", "float"]),
    )
    def submit(self, stream: str, count: int, old_ms: int, frozen: bool, form: str) -> None:
        for number in range(count):
            pixels = {"good": PICTURES[number], "none": None, "float": PICTURES[0] / 2}[form]
            frame_id = self.session.submit(
                Frame(
                    pixels=pixels,  # type: ignore[arg-type]
                    captured_ns=self.script.now_ns - old_ms * 1_000_000,
                    meta=FrameMeta(frozen=frozen),
                ),
                stream,
            )
            assert frame_id == len(self.stream_of)
            self.stream_of[frame_id] = stream

    @rule(mode=st.sampled_from(["sound", "sound", "hang", "crash", "gone", "refuses", "failing"]))
    def engine_becomes(self, mode: str) -> None:
        self.script.mode = mode

    @rule(mode=st.sampled_from(["sound", "sound", "hang", "crash", "gone", "refuses", "failing"]))
    def candidate_becomes(self, mode: str) -> None:
        self.script.modes["candidate"] = mode

    @rule(ms=st.sampled_from([1, 40, 160, 501, 1001, 70_000]))
    def time_passes(self, ms: int) -> None:
        """No frames meanwhile: the source may be unplugged."""
        self.script.now_ns += ms * 1_000_000

    @rule()
    def the_threads_get_on(self) -> None:
        time.sleep(0.003)

    @rule()
    def callback_becomes_slow(self) -> None:
        self.callback.gate.clear()

    @rule()
    def callback_returns(self) -> None:
        self.callback.gate.set()

    @rule(pause=st.booleans())
    def operator_freezes(self, pause: bool) -> None:
        (self.session.pause if pause else self.session.resume)()

    @rule(name=st.sampled_from(BUNDLES), ms=st.sampled_from([0, 200, 10_000]))
    def switch(self, name: str, ms: int) -> None:
        """Whoever asked may be gone: nobody waits here."""
        request = SwitchRequest(self.script.bundle(name), self.script.now_ns + ms * 1_000_000)
        with contextlib.suppress(SwitchRefused):
            self.session._supervisor.switch(request)

    @precondition(lambda self: len(self.stream_of) > 20)
    @rule()
    def close(self) -> None:
        self.callback.gate.set()
        self.session.close()
        self.closed = True

    @invariant()
    def the_counts_add_up(self) -> None:
        counters = self.session.status().counters
        assert counters.balanced
        assert counters.submitted == len(self.stream_of)
        assert counters.in_flight <= 7  # per stream: one waits, one result waits; one at the engine
        assert not self.closed or counters.in_flight == 0

    @invariant()
    def nothing_old_is_shown_as_valid(self) -> None:
        for stream in ("left", "right"):
            now_ns = self.script.now_ns
            latest = self.session.latest(stream)
            if isinstance(latest, Analysed):
                assert now_ns - latest.captured_ns <= MAX_AGE_MS * 1_000_000
                assert self.session.status().state in (
                    State.READY,
                    State.DEGRADED,
                    State.UNAVAILABLE,
                )

    @invariant()
    def what_a_bundle_failed_at_is_told(self) -> None:
        switch = self.session.status().switch
        assert switch.reverted <= switch.switched
        assert bool(switch.last_failure) == bool(switch.reverted)
        assert 0 <= switch.trial_frames_left <= 5

    @invariant()
    def a_candidate_costs_nothing_but_its_own_frames(self) -> None:
        shadow = self.session.status().shadow
        assert shadow is not None
        assert shadow.balanced
        assert shadow.in_flight <= 2  # one waits, one is at the candidate

    def teardown(self) -> None:
        self.callback.gate.set()
        self.session.close()
        counters = self.session.status().counters
        assert counters.balanced
        assert counters.in_flight == 0
        got = list(self.callback.got)
        ids = [g.frame_id for g in got]
        assert len(set(ids)) == len(ids)
        assert counters.analysed == sum(isinstance(g, Analysed) for g in got)
        for stream in ("left", "right"):
            mine = [g.frame_id for g in got if g.stream == stream]
            assert mine == sorted(mine)
            assert all(self.stream_of[i] == stream for i in mine)
        assert {g.origin.bundle_id for g in got} <= set(BUNDLES)
        for g in got:
            assert isinstance(g, NotAnalysed) or g.age_ms <= MAX_AGE_MS


TestSessions = Sessions.TestCase
TestSessions.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)


@pytest.mark.parametrize("delivers", [True, False])
def test_an_answer_that_comes_after_closing_counts_as_closed(delivers: bool) -> None:
    """Nobody was told of it, so it must not count as analysed."""
    exchange = Exchange(
        max_age_ns=MAX_AGE_MS * 1_000_000,
        rules=HealthRules(),
        placeholder=origin_of("first"),
        delivers=delivers,
        clock_ns=lambda: 1_000,
    )
    exchange.standing.engine_ready(
        EngineReady(origin=origin_of("first"), choice="scripted", golden=0)
    )
    frame = Frame(pixels=PICTURES[0], captured_ns=1_000)
    exchange.put(Submission(frame_id=exchange.open(), stream="left", frame=frame, born_ns=1_000))
    submission = exchange.take()
    assert submission is not None
    exchange.close()
    answer = ScriptedEngine(Script(), origin_of("first")).answer(submission, "sound")
    assert isinstance(answer, FrameAnswer)
    exchange.finish(submission, answer.analysis)
    counters = exchange.status().counters
    assert (counters.analysed, dict(counters.not_analysed)) == (0, {"CLOSED": 1})
    latest = exchange.latest("left")
    assert isinstance(latest, NotAnalysed)
    assert latest.reasons == (Reason.CLOSED,)


@pytest.mark.req("R14")
def test_the_rules_above_reach_every_kind_of_outcome() -> None:
    script = Script()
    made = scripted_session(script, None)
    assert made._exchange.standing.opened.wait(30)

    def one(mode: str, wait_ms: int = 0, frozen: bool = False) -> None:
        assert wait_until(lambda: made.status().state in (State.READY, State.DEGRADED))
        script.mode = mode
        made.submit(
            Frame(pixels=PICTURES[0], captured_ns=script.now_ns, meta=FrameMeta(frozen=frozen))
        )
        if wait_ms:
            wait_until(lambda: made._supervisor._submission is not None)
            script.now_ns += wait_ms * 1_000_000
        assert made.drain(30)
        script.mode = "sound"

    one("sound")
    one("sound", frozen=True)
    one("failing")
    one("refuses")
    one("crash")
    one("hang", wait_ms=DEADLINE_MS)
    made.pause()
    made.submit(Frame(pixels=PICTURES[0], captured_ns=script.now_ns))
    assert made.drain(30)
    made.resume()
    made.submit(Frame(pixels=PICTURES[0], captured_ns=script.now_ns - 200_000_000))
    assert made.drain(30)
    made.submit(Frame(pixels=None, captured_ns=script.now_ns))  # type: ignore[arg-type]
    assert made.drain(30)
    made.close()
    made.submit(Frame(pixels=PICTURES[0], captured_ns=script.now_ns))
    counters = made.status().counters
    assert counters.balanced
    assert dict(counters.not_analysed) == dict.fromkeys(
        [
            *("FRAME_FROZEN", "ENGINE_FAILED", "INTERNAL_ERROR", "ENGINE_CRASHED"),
            *("DEADLINE_MISSED", "PAUSED", "STALE", "WRONG_DTYPE", "CLOSED"),
        ],
        1,
    )
    assert counters.analysed == 1
    assert dataclasses.asdict(counters)["in_flight"] == 0
