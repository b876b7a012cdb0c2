"""A bundle's way into a running session, with engines that do as a script says."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from scripted_engines import DEADLINE_MS, MAX_AGE_MS, MS, Script, scripted_session
from sonoedge import Analysed, Analysis, Frame, NotAnalysed, Origin, Reason, State
from sonoedge.errors import (
    Closed,
    DigestMismatch,
    EngineCrashed,
    GoldenMismatch,
    SonoedgeError,
    SwitchRefused,
)
from sonoedge.session import LiveSession
from sonoedge.session.switching import SwitchRequest
from sonoedge_bench.reliability.drive import speckle, wait_until

PICTURE = speckle(0, height=16, width=16)
LIMIT_S = 30.0


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def session(script: Script) -> Iterator[LiveSession]:
    with scripted_session(script, None) as made:
        assert wait_until(lambda: made.status().state is State.READY)
        yield made


def one(session: LiveSession, script: Script) -> Analysis:
    """Submit a frame, wait for its outcome."""
    session.submit(Frame(pixels=PICTURE, captured_ns=script.now_ns))
    assert session.drain(LIMIT_S)
    latest = session.latest()
    assert latest is not None
    assert session.status().counters.balanced
    return latest


def request(script: Script, name: str, ms: int = 60_000) -> SwitchRequest:
    return SwitchRequest(script.bundle(name), script.now_ns + ms * MS)


def switch(session: LiveSession, script: Script, name: str) -> Origin:
    wanted = request(script, name)
    session._supervisor.switch(wanted)
    return wanted.wait(LIMIT_S)


def bundle_of(analysis: Analysis) -> str:
    assert isinstance(analysis, Analysed)
    return analysis.origin.bundle_id


@pytest.mark.req("R47")
def test_a_bundle_takes_over_with_its_labels_and_its_origin_and_no_frame_is_lost(
    session: LiveSession, script: Script
) -> None:
    assert bundle_of(one(session, script)) == "first"
    assert session.labels == ("first",)
    assert switch(session, script, "second").bundle_id == "second"
    assert session.labels == ("second",)
    assert bundle_of(one(session, script)) == "second"
    status = session.status()
    assert status.state is State.READY
    assert status.origin is not None
    assert status.origin.bundle_id == "second"
    assert (status.counters.submitted, status.counters.analysed) == (2, 2)
    assert (status.switch.switched, status.switch.reverted) == (1, 0)


def test_the_engine_before_stays_loaded_until_the_trial_is_over(
    session: LiveSession, script: Script
) -> None:
    switch(session, script, "second")
    for left in (4, 3, 2, 1):
        assert bundle_of(one(session, script)) == "second"
        assert session.status().switch.trial_frames_left == left
        assert script.living() == ["first", "second"]
    one(session, script)
    assert session.status().switch.trial_frames_left == 0
    assert script.living() == ["second"]


def test_frames_go_on_to_the_engine_before_while_the_new_one_loads(
    session: LiveSession, script: Script
) -> None:
    script.loads["second"] = "silent"
    wanted = request(script, "second")
    session._supervisor.switch(wanted)
    assert wait_until(lambda: script.living() == ["first", "second"])
    for _ in range(3):
        assert bundle_of(one(session, script)) == "first"
    script.now_ns += 60_001 * MS
    with pytest.raises(EngineCrashed, match="did not become ready"):
        wanted.wait(LIMIT_S)
    assert wait_until(lambda: script.living() == ["first"])
    assert session.status().state is State.READY


@pytest.mark.req("R47")
@pytest.mark.parametrize(
    ("load", "error"),
    [
        ("dies", EngineCrashed),
        ("no process", EngineCrashed),
        (DigestMismatch("damaged"), DigestMismatch),
        (GoldenMismatch("wrong"), GoldenMismatch),
    ],
)
def test_a_refused_bundle_leaves_the_session_as_it_was(
    session: LiveSession, script: Script, load: str | SonoedgeError, error: type[SonoedgeError]
) -> None:
    before = session.status()
    script.loads["second"] = load
    with pytest.raises(error) as raised:
        switch(session, script, "second")
    assert type(raised.value) is error
    after = session.status()
    assert (after.state, after.reasons, after.origin, after.switch, after.deaths) == (
        (before.state, before.reasons, before.origin, before.switch, before.deaths)
    )
    assert session.labels == ("first",)
    assert bundle_of(one(session, script)) == "first"
    script.loads.clear()
    assert switch(session, script, "second").bundle_id == "second"


@pytest.mark.req("R47")
@pytest.mark.parametrize("mode", ["crash", "gone", "hang"])
def test_a_bundle_that_fails_on_trial_gives_way_to_the_one_before(
    session: LiveSession, script: Script, mode: str
) -> None:
    switch(session, script, "second")
    assert bundle_of(one(session, script)) == "second"
    script.modes["second"] = mode
    session.submit(Frame(pixels=PICTURE, captured_ns=script.now_ns))
    if mode == "hang":
        assert wait_until(lambda: session._supervisor._submission is not None)
        script.now_ns += DEADLINE_MS * MS
    assert session.drain(LIMIT_S)
    lost = session.latest()
    assert isinstance(lost, NotAnalysed)
    assert lost.reasons == (Reason.DEADLINE_MISSED if mode == "hang" else Reason.ENGINE_CRASHED,)
    assert lost.origin.bundle_id == "second"  # whose engine it was at
    status = session.status()
    assert (status.state, status.switch.reverted) == (State.DEGRADED, 1)
    assert "SWITCH_REVERTED" in status.reasons
    assert status.switch.last_failure == ("ENGINE_HUNG" if mode == "hang" else "ENGINE_CRASHED")
    assert session.labels == ("first",)
    assert bundle_of(one(session, script)) == "first"
    assert len(script.made) == 2  # it was loaded all the time
    assert session.status().counters.balanced


def test_three_failed_calls_on_trial_are_enough_though_others_succeed(
    session: LiveSession, script: Script
) -> None:
    switch(session, script, "second")
    for mode in ("failing", "sound", "failing", "sound", "failing"):
        script.modes["second"] = mode
        one(session, script)
    status = session.status()
    assert status.switch.last_failure == "ENGINE_FAILED"
    assert bundle_of(one(session, script)) == "first"


@pytest.mark.req("R47")
def test_a_bundle_that_is_too_slow_gives_way(script: Script) -> None:
    with scripted_session(script, None) as session:
        assert wait_until(lambda: session.status().state is State.READY)
        switch(session, script, "second")
        script.modes["second"] = "hang"
        for _ in range(10):
            session.submit(Frame(pixels=PICTURE, captured_ns=script.now_ns))
            assert wait_until(lambda: session._supervisor._submission is not None)
            script.now_ns += (MAX_AGE_MS + 1) * MS
            engine = script.made[-1]
            submission = session._supervisor._submission
            assert submission is not None
            engine._give(engine.answer(submission, "sound"))
            assert session.drain(LIMIT_S)
        assert session.status().switch.last_failure == "RESULTS_STALE"
        assert session.status().counters.not_analysed == {"STALE": 10}
        assert bundle_of(one(session, script)) == "first"


@pytest.mark.req("R47")
def test_a_wrong_answer_on_trial_takes_back_what_was_shown_and_latches_no_fault(
    session: LiveSession, script: Script
) -> None:
    switch(session, script, "second")
    assert bundle_of(one(session, script)) == "second"
    script.modes["second"] = "wrong"
    script.now_ns += 5000 * MS + 1  # the golden frames are due again
    session._supervisor.wake()
    assert wait_until(lambda: session.status().switch.reverted == 1)
    status = session.status()
    assert (status.state, status.switch.last_failure) == (State.DEGRADED, "WRONG_ANSWER")
    shown = session.latest()
    assert isinstance(shown, NotAnalysed)
    assert shown.reasons == (Reason.ENGINE_OUTPUT_INVALID,)
    assert bundle_of(one(session, script)) == "first"


def test_a_result_that_waits_for_the_callback_is_taken_back_too(script: Script) -> None:
    gate, got = threading.Event(), []

    def slow(analysis: Analysis) -> None:
        got.append(analysis)
        assert gate.wait(LIMIT_S)

    with scripted_session(script, slow) as session:
        assert wait_until(lambda: session.status().state is State.READY)
        switch(session, script, "second")
        for number in range(2):
            session.submit(Frame(pixels=PICTURE, captured_ns=script.now_ns))
            assert wait_until(
                lambda n=number: (
                    (session.latest() or None) is not None and session.latest().frame_id == n
                )  # type: ignore[union-attr]
            )
            assert wait_until(lambda: got)
        script.modes["second"] = "wrong"
        script.now_ns += 5000 * MS + 1
        session._supervisor.wake()
        assert wait_until(lambda: session.status().switch.reverted == 1)
        gate.set()
        assert session.drain(LIMIT_S)
        assert isinstance(got[1], NotAnalysed)
        counters = session.status().counters
        assert counters.balanced
        assert counters.analysed == 1


def test_where_the_engine_before_has_died_its_bundle_is_loaded_anew(
    session: LiveSession, script: Script
) -> None:
    switch(session, script, "second")
    script.made[0].die()
    assert wait_until(lambda: script.living() == ["second"])
    assert bundle_of(one(session, script)) == "second"  # that alone is no reason to go back
    script.modes["second"] = "crash"
    session.submit(Frame(pixels=PICTURE, captured_ns=script.now_ns))
    assert session.drain(LIMIT_S)
    assert wait_until(lambda: session.status().state is State.DEGRADED)
    assert [engine.name for engine in script.made] == ["first", "second", "first"]
    assert bundle_of(one(session, script)) == "first"


def test_after_the_trial_a_death_is_a_restart_of_the_new_bundle(
    session: LiveSession, script: Script
) -> None:
    switch(session, script, "second")
    for _ in range(5):
        one(session, script)
    script.modes["second"] = "crash"
    assert isinstance(one(session, script), NotAnalysed)
    script.modes.clear()
    assert wait_until(lambda: session.status().state in (State.READY, State.DEGRADED))
    assert bundle_of(one(session, script)) == "second"
    assert session.status().switch.reverted == 0


def test_a_switch_on_trial_keeps_the_last_bundle_that_was_proven(
    session: LiveSession, script: Script
) -> None:
    switch(session, script, "second")
    switch(session, script, "third")
    assert script.living() == ["first", "third"]
    script.modes["third"] = "crash"
    assert isinstance(one(session, script), NotAnalysed)
    assert bundle_of(one(session, script)) == "first"


def test_only_one_switch_at_a_time(session: LiveSession, script: Script) -> None:
    script.loads["second"] = "silent"
    first = request(script, "second")
    session._supervisor.switch(first)
    with pytest.raises(SwitchRefused, match="another switch"):
        session._supervisor.switch(request(script, "third"))
    assert first.claim()  # its caller withdraws it
    assert wait_until(lambda: not session._supervisor._engines.switching.on)
    assert script.living() == ["first"]
    assert switch(session, script, "third").bundle_id == "third"


def test_a_picture_that_is_frozen_does_not_keep_a_bundle_from_taking_over(
    session: LiveSession, script: Script
) -> None:
    session.pause()
    assert switch(session, script, "second").bundle_id == "second"
    assert session.status().state is State.PAUSED
    assert isinstance(one(session, script), NotAnalysed)
    session.resume()
    assert bundle_of(one(session, script)) == "second"


def test_closing_ends_a_switch_that_is_under_way(session: LiveSession, script: Script) -> None:
    script.loads["second"] = "silent"
    wanted = request(script, "second")
    session._supervisor.switch(wanted)
    session.close()
    with pytest.raises(Closed):
        wanted.wait(LIMIT_S)
    assert script.living() == []
    with pytest.raises(SwitchRefused):
        session._supervisor.switch(request(script, "second"))


def test_a_fault_that_is_latched_ends_a_switch_that_is_under_way(
    session: LiveSession, script: Script
) -> None:
    script.loads["second"] = "silent"
    wanted = request(script, "second")
    session._supervisor.switch(wanted)
    script.modes["first"] = "wrong"
    script.now_ns += 5000 * MS + 1
    session._supervisor.wake()
    with pytest.raises(SwitchRefused, match="FAULT"):
        wanted.wait(LIMIT_S)
    assert session.status().state is State.FAULT
    assert wait_until(lambda: script.living() == [])


def test_a_caller_whose_wait_is_interrupted_withdraws(script: Script) -> None:
    class Interrupted(SwitchRequest):
        pass

    wanted = Interrupted(script.bundle("second"), script.now_ns)

    def interrupt(timeout: float) -> bool:
        raise KeyboardInterrupt

    wanted._done.wait = interrupt  # type: ignore[assignment,method-assign]
    with pytest.raises(KeyboardInterrupt):
        wanted.wait(1.0)
    assert wanted.claimed
    assert not wanted.claim()


def test_five_bundles_that_fail_within_a_minute_latch_fault(
    session: LiveSession, script: Script
) -> None:
    script.modes["second"] = "crash"
    for _ in range(5):
        switch(session, script, "second")
        one(session, script)
    status = session.status()
    assert (status.state, status.reasons) == (State.FAULT, ("TOO_MANY_DEATHS",))
    assert wait_until(lambda: script.living() == [])


def test_a_bundles_folder_is_let_go_as_soon_as_no_engine_of_it_can_be_made(
    session: LiveSession, script: Script
) -> None:
    script.loads["bad"] = GoldenMismatch("wrong")
    with pytest.raises(GoldenMismatch):
        switch(session, script, "bad")
    assert script.released == ["bad"]  # it was refused
    switch(session, script, "second")
    assert script.released == ["bad"]  # both are needed
    switch(session, script, "third")
    assert script.released == ["bad", "second"]  # the first stands by
    script.modes["third"] = "crash"
    one(session, script)
    assert script.released == ["bad", "second", "third"]  # it was taken back
    switch(session, script, "fourth")
    for _ in range(5):
        one(session, script)
    assert script.released == ["bad", "second", "third", "first"]  # its trial is over
    session.close()
    assert script.released == ["bad", "second", "third", "first", "fourth"]
