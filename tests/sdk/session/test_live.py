from __future__ import annotations

import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sonoedge
from sonoedge import Analysed, Analysis, EngineOptions, Frame, FrameMeta, NotAnalysed, Reason, State
from sonoedge.bundle.identity import manifest_text
from sonoedge.errors import (
    BundleNotFound,
    DigestMismatch,
    EngineCrashed,
    EngineFailed,
    GoldenMismatch,
    InvalidSettings,
    VariantNotFound,
)
from sonoedge.guard import GuardSettings
from sonoedge.session import HealthRules, LiveSession
from sonoedge_bench.reliability.drive import frame, wait_until
from sonoedge_bench.reliability.faulty_bundle import first_frame_call

if not hasattr(os, "memfd_create"):
    pytest.skip("a worker process needs Linux", allow_module_level=True)

FIRST = first_frame_call(Path(__file__).parent.parent.parent / "data" / "tiny")
TEST_DOUBLES = EngineOptions(test_doubles=True)
LONG_MS = 60_000.0  # older than any test: age is not what it is about
Faulty = Callable[..., Path]


def one(session: LiveSession, number: int = 0, stream: str = "main") -> Analysis:
    """Submit a frame, wait for its outcome."""
    session.submit(frame(number), stream)
    assert session.drain(30)
    found = session.latest(stream)
    assert found is not None
    return found


def reasons(analysis: Analysis) -> tuple[Reason, ...]:
    return analysis.reasons if isinstance(analysis, NotAnalysed) else ()


def newest(session: LiveSession) -> int:
    """Id of the frame that `latest` speaks of; -1 before the first."""
    found = session.latest()
    return -1 if found is None else found.frame_id


@pytest.mark.req("R2")
@pytest.mark.parametrize("isolation", ["process", "thread"])
def test_a_live_answer_is_the_answer_of_a_call_in_process(
    tiny: Path, isolation: sonoedge.session.start.Isolation
) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    pixels = frame(3).pixels.copy()
    pixels[30:70, 40:90] = 20
    given = Frame(pixels=pixels, spacing_mm=(0.1, 0.2), meta=FrameMeta(probe="L12"))
    engine = EngineOptions(runtime="onnxruntime")
    with sonoedge.open(tiny, engine, explain=True) as analyser:
        want = analyser.analyse(given)
    with sonoedge.live(
        tiny, max_age_ms=LONG_MS, isolation=isolation, engine=engine, explain=True
    ) as session:
        assert session.labels == ("normal", "benign", "malignant")
        session.submit(given)
        assert session.drain(30)
        got = session.latest()
        assert session.status().choice.startswith("onnxruntime-fp32")
    assert isinstance(want, Analysed)
    assert isinstance(got, Analysed)
    assert len(want.regions) == len(got.regions) > 0
    for a, b in zip(want.regions, got.regions, strict=True):
        assert np.array_equal(a.contour_px, b.contour_px)
        assert (a.box_px, a.area_mm2, a.box_mm) == (b.box_px, b.area_mm2, b.box_mm)
        assert (a.suspicion, a.class_probs, a.flagged) == (b.suspicion, b.class_probs, b.flagged)
    assert got.explanation is not None
    assert want.explanation is not None
    assert np.array_equal(got.explanation.levels, want.explanation.levels)
    assert got.explanation.box_px == want.explanation.box_px
    assert got.class_probs == want.class_probs
    assert got.origin == want.origin
    assert set(got.stages_ms) == set(want.stages_ms)
    assert got.captured_ns == given.captured_ns
    assert got.stream == "main"


@pytest.mark.req("R17")
@pytest.mark.parametrize("kind", ["sigsegv", "sigabrt", "sigkill", "exit"])
def test_a_death_in_mid_frame_is_an_outcome_and_the_next_frame_is_analysed(
    faulty: Faulty, kind: str, tmp_path: Path
) -> None:
    once = str(tmp_path / "once")
    bundle = faulty({"kind": kind, "call": FIRST + 1, "once": once})
    with sonoedge.live(bundle, max_age_ms=LONG_MS, engine=TEST_DOUBLES) as session:
        assert isinstance(one(session, 0), Analysed)
        died = one(session, 1)
        assert isinstance(died, NotAnalysed)
        assert died.reasons == (Reason.ENGINE_CRASHED,)
        how = {"exit": "exit code 3"}.get(kind, kind.upper())
        assert how in died.detail or "closed" in died.detail
        assert wait_until(lambda: session.status().state is State.READY)
        assert isinstance(one(session, 2), Analysed)
        status = session.status()
        assert status.deaths == 1
        assert status.counters.not_analysed == {"ENGINE_CRASHED": 1}


@pytest.mark.req("R17")
def test_a_hung_engine_is_killed_at_its_deadline(faulty: Faulty, tmp_path: Path) -> None:
    once = str(tmp_path / "once")
    bundle = faulty({"kind": "hang", "call": FIRST, "once": once})
    with sonoedge.live(bundle, max_age_ms=LONG_MS, deadline_ms=100, engine=TEST_DOUBLES) as session:
        assert reasons(one(session)) == (Reason.DEADLINE_MISSED,)
        assert wait_until(lambda: session.status().state is State.READY)
        assert isinstance(one(session, 1), Analysed)


def test_a_death_while_idle_is_seen_and_mended(faulty: Faulty, tmp_path: Path) -> None:
    once = str(tmp_path / "once")
    bundle = faulty({"kind": "sigkill", "at": "idle", "call": FIRST, "ms": 20, "once": once})
    with sonoedge.live(bundle, max_age_ms=LONG_MS, engine=TEST_DOUBLES) as session:
        assert isinstance(one(session), Analysed)
        assert wait_until(lambda: session.status().deaths == 1)
        assert wait_until(lambda: session.status().state is State.READY)
        assert isinstance(one(session, 1), Analysed)


@pytest.mark.req("R17")
@pytest.mark.parametrize("kind", ["raise", "nan", "memory"])
def test_an_engine_that_fails_three_times_in_a_row_is_replaced(faulty: Faulty, kind: str) -> None:
    with sonoedge.live(
        faulty({"kind": kind, "call": FIRST}),
        max_age_ms=LONG_MS,
        health=HealthRules(max_deaths=100),
        engine=TEST_DOUBLES,
    ) as session:
        for number in range(2):
            assert isinstance(one(session, number), NotAnalysed)
            assert session.status().state is State.DEGRADED
        assert isinstance(one(session, 2), NotAnalysed)
        assert wait_until(lambda: session.status().deaths == 1)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "sigsegv", "at": "load"}, EngineCrashed),
        ({"kind": "exit", "call": 0}, EngineCrashed),
        ({"kind": "sigkill", "call": FIRST - 1}, EngineCrashed),
        ({"kind": "raise", "at": "load"}, EngineFailed),
        ({"kind": "wrong", "call": 0}, GoldenMismatch),
    ],
)
def test_an_engine_that_does_not_become_ready_is_a_typed_error(
    faulty: Faulty, fault: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error) as raised:
        sonoedge.live(faulty(fault), engine=TEST_DOUBLES)
    assert type(raised.value) is error


def test_an_engine_that_hangs_while_it_loads_is_a_typed_error(faulty: Faulty) -> None:
    with pytest.raises(EngineCrashed, match="did not become ready"):
        sonoedge.live(
            faulty({"kind": "hang", "at": "load"}),
            start_timeout_s=1.0,
            engine=TEST_DOUBLES,
        )


def test_bundles_and_arguments_that_cannot_be_used_are_typed_errors(
    tiny: Path, tmp_path: Path, faulty: Faulty
) -> None:
    with pytest.raises(BundleNotFound):
        sonoedge.live(tmp_path)
    for more in ({"max_age_ms": 0}, {"deadline_ms": -1}, {"isolation": "fork"}):
        with pytest.raises(InvalidSettings):
            sonoedge.live(tiny, **more)  # type: ignore[arg-type]
    with pytest.raises(InvalidSettings):
        sonoedge.live(tiny, isolation="thread", standby=True)
    with pytest.raises(VariantNotFound, match="there-is-none"):
        sonoedge.live(tiny, engine=EngineOptions(variant="there-is-none"))
    broken = faulty()
    (broken / "graphs" / "faulty.json").write_text("{}")
    with pytest.raises(DigestMismatch, match=r"faulty\.json"):
        sonoedge.live(broken, engine=TEST_DOUBLES)


@pytest.mark.req("R18")
def test_an_engine_that_keeps_dying_latches_fault(faulty: Faulty) -> None:
    with sonoedge.live(
        faulty({"kind": "exit", "call": FIRST}),
        max_age_ms=LONG_MS,
        health=HealthRules(max_deaths=3),
        engine=TEST_DOUBLES,
    ) as session:
        assert wait_until(lambda: reasons(one(session)) == (Reason.FAULT,))
        status = session.status()
        assert (status.state, status.reasons) == (State.FAULT, ("TOO_MANY_DEATHS",))
        assert status.valid_until_ns < status.at_ns
        assert reasons(one(session)) == (Reason.FAULT,)


@pytest.mark.req("R18")
def test_wrong_answers_to_golden_frames_asked_while_idle_latch_fault(faulty: Faulty) -> None:
    with sonoedge.live(
        faulty({"kind": "wrong", "call": FIRST + 2}),
        max_age_ms=LONG_MS,
        golden_idle_s=0.05,
        engine=TEST_DOUBLES,
    ) as session:
        assert isinstance(one(session), Analysed)
        assert wait_until(lambda: session.status().state is State.FAULT)
        assert session.status().reasons == ("WRONG_ANSWER",)
        late = session.latest()
        assert late is not None
        assert reasons(late) == (Reason.FAULT,)  # what it said before is not to be trusted


@pytest.mark.req("R18")
def test_golden_frames_are_asked_while_frames_keep_coming(faulty: Faulty) -> None:
    with sonoedge.live(
        faulty({"kind": "wrong", "call": FIRST + 5}),
        max_age_ms=LONG_MS,
        golden_every_s=0.05,
        engine=TEST_DOUBLES,
    ) as session:

        def one_more() -> bool:
            session.submit(frame())
            return session.status().state is State.FAULT

        assert wait_until(one_more)


def test_a_standby_takes_over_and_the_next_one_is_made(faulty: Faulty) -> None:
    bundle = faulty({"kind": "sigkill", "call": FIRST + 1})
    with sonoedge.live(
        bundle,
        max_age_ms=LONG_MS,
        standby=True,
        health=HealthRules(max_deaths=100),
        engine=TEST_DOUBLES,
    ) as session:
        for number in range(3):
            assert isinstance(one(session, number), Analysed)
            assert wait_until(lambda: session._supervisor._engines.standby.engine is not None)
            waiting = session._supervisor._engines.standby.engine
            assert reasons(one(session, number + 10)) == (Reason.ENGINE_CRASHED,)
            assert wait_until(lambda: session.status().state in (State.READY, State.DEGRADED))
            assert session._supervisor._engine is waiting


@pytest.mark.req("R28")
def test_a_restart_keeps_to_the_variant_that_was_chosen(tiny: Path) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    with sonoedge.live(
        tiny, max_age_ms=LONG_MS, engine=EngineOptions(runtime="onnxruntime")
    ) as session:
        assert isinstance(one(session), Analysed)
        os.kill(session._supervisor._engine.pid, signal.SIGKILL)  # type: ignore[union-attr]
        assert wait_until(lambda: session.status().deaths == 1)
        assert wait_until(lambda: session.status().state is State.READY)
        assert "asked for" in session.status().choice
        assert isinstance(one(session, 1), Analysed)


@pytest.mark.req("R15")
def test_a_frame_that_is_too_old_is_stale_and_not_shown(faulty: Faulty) -> None:
    got: list[Analysis] = []
    slow = {"kind": "slow", "ms": 120, "call": FIRST}
    with sonoedge.live(
        faulty(slow),
        got.append,
        max_age_ms=50,
        deadline_ms=30_000,
        engine=TEST_DOUBLES,
    ) as session:
        session.submit(frame())
        assert session.drain(30)
        old = frame(captured_ns=time.monotonic_ns() - 10**9)
        session.submit(old)
        assert session.drain(30)
        assert session.status().counters.not_analysed == {"STALE": 2}
        assert session.status().state is State.DEGRADED
        assert session.status().reasons == ("RESULTS_STALE",)
    assert [reasons(g) for g in got] == [(Reason.STALE,)] * 2


def test_draining_waits_for_the_callback_and_a_callback_does_not_wait_for_itself(
    faulty: Faulty,
) -> None:
    told, drained = threading.Event(), []

    def slow(analysis: Analysis) -> None:
        drained.append(session.drain(30))
        time.sleep(0.2)
        told.set()

    with sonoedge.live(faulty(), slow, max_age_ms=LONG_MS, engine=TEST_DOUBLES) as session:
        session.submit(frame())
        assert session.drain(30)
        assert told.is_set()
    assert drained == [True]


@pytest.mark.req("R15")
def test_a_valid_result_grows_stale_as_time_passes(faulty: Faulty) -> None:
    with sonoedge.live(faulty(), max_age_ms=1000, engine=TEST_DOUBLES) as session:
        seen = one(session)
        assert isinstance(seen, Analysed)
        assert wait_until(lambda: reasons(session.latest() or seen) == (Reason.STALE,))
        assert session.status().counters.analysed == 1


@pytest.mark.req("R13")
def test_a_slow_callback_supersedes_and_submit_does_not_wait_for_it(faulty: Faulty) -> None:
    gate, got = threading.Event(), []

    def slow(analysis: Analysis) -> None:
        got.append(analysis)
        assert gate.wait(30)

    with sonoedge.live(faulty(), slow, max_age_ms=LONG_MS, engine=TEST_DOUBLES) as session:
        for number in range(50):
            session.submit(frame(number))
            assert wait_until(lambda n=number: newest(session) == n)  # waits for no callback
            assert wait_until(lambda: got)  # the first one is at the callback
            assert session.status().counters.in_flight <= 2
        assert len(got) == 1
        gate.set()
        assert session.drain(30)
        assert [g.frame_id for g in got] == [0, 49]
        assert session.status().counters.superseded == 48


def test_a_callback_that_raises_is_counted_and_the_session_goes_on(faulty: Faulty) -> None:
    def broken(analysis: Analysis) -> None:
        raise RuntimeError("the host's own fault")

    with sonoedge.live(faulty(), broken, max_age_ms=LONG_MS, engine=TEST_DOUBLES) as session:
        for number in range(3):
            session.submit(frame(number))
            assert session.drain(30)
        assert wait_until(lambda: session.status().callback_errors == 3)
        status = session.status()
        assert (status.state, status.reasons) == (State.DEGRADED, ("CALLBACK_FAILED",))
        assert status.counters.analysed == 3


def test_streams_share_an_engine_in_turns_and_each_has_its_memory(faulty: Faulty) -> None:
    got: list[Analysis] = []
    still = frame(1).pixels
    with sonoedge.live(
        faulty(base_ms=1), got.append, max_age_ms=LONG_MS, engine=TEST_DOUBLES
    ) as session:
        begin = time.monotonic_ns()
        for number in range(60):
            at = begin - 10**10 + number * 10**8  # a frame every 100 ms
            session.submit(Frame(pixels=still, captured_ns=at), "frozen")
            session.submit(frame(number, captured_ns=at), "moving")
            assert session.drain(30)
    by = {s: [g for g in got if g.stream == s] for s in ("frozen", "moving")}
    assert all(isinstance(g, Analysed) for g in by["moving"])
    assert len(by["moving"]) == 60
    assert reasons(by["frozen"][-1]) == (Reason.FRAME_FROZEN,)


def test_there_is_a_bound_on_streams(faulty: Faulty) -> None:
    with sonoedge.live(faulty(), max_age_ms=LONG_MS, engine=TEST_DOUBLES) as session:
        for number in range(64):
            session.submit(frame(), f"stream {number}")
        with pytest.raises(InvalidSettings, match="64"):
            session.submit(frame(), "one too many")
        assert session.status().counters.submitted == 64


def test_during_a_pause_nothing_is_analysed_and_nothing_old_is_shown(faulty: Faulty) -> None:
    with sonoedge.live(faulty(), max_age_ms=LONG_MS, engine=TEST_DOUBLES) as session:
        assert isinstance(one(session), Analysed)
        session.pause()
        assert session.status().state is State.PAUSED
        seen = session.latest()
        assert seen is not None
        assert reasons(seen) == (Reason.PAUSED,)
        assert reasons(one(session, 1)) == (Reason.PAUSED,)
        session.resume()
        assert isinstance(one(session, 2), Analysed)


def test_frames_before_the_engine_is_ready_are_told_so(faulty: Faulty) -> None:
    session = sonoedge.live(faulty(), max_age_ms=LONG_MS, wait=False, engine=TEST_DOUBLES)
    session.submit(frame())
    assert wait_until(lambda: session.status().counters.in_flight == 0)
    assert session.status().counters.not_analysed == {"STARTING": 1}
    assert wait_until(lambda: session.status().state is State.READY)
    assert isinstance(one(session, 1), Analysed)
    session.close()


@pytest.mark.req("R22")
def test_bad_frames_are_outcomes_and_never_raise(faulty: Faulty) -> None:
    with sonoedge.live(faulty(), max_age_ms=LONG_MS, engine=TEST_DOUBLES) as session:
        bad = [None, "x", np.zeros((3, 3)), np.zeros((0, 0), np.uint8), np.zeros(9, np.uint8)]
        for pixels in bad:
            session.submit(Frame(pixels=pixels))  # type: ignore[arg-type]
            assert session.drain(30)
        session.submit(None)  # type: ignore[arg-type]
        session.submit(frame(captured_ns="yesterday"))
        session.submit(frame(spacing_mm=object()), "other")
        session.submit(frame(roi_px=("a", "b", 1, 2)), "third")
        assert session.drain(30)
        counters = session.status().counters
        assert counters.analysed == 0
        assert counters.submitted == 9
        assert session.status().deaths == 0
        assert isinstance(one(session), Analysed)


@pytest.mark.parametrize("order", ["c", "strided", "colour", "large"])
def test_pixels_of_any_layout_cross_whole(faulty: Faulty, order: str) -> None:
    base = frame(5).pixels
    pixels = {
        "c": base,
        "strided": base[::-1, ::2],
        "colour": np.dstack([base, base, base]),
        "large": np.tile(base, (10, 10)),
    }[order]
    bundle = faulty()
    with sonoedge.open(bundle, TEST_DOUBLES) as analyser:
        want = analyser.analyse(Frame(pixels=pixels))
    with sonoedge.live(bundle, max_age_ms=LONG_MS, engine=TEST_DOUBLES) as session:
        session.submit(Frame(pixels=pixels))
        assert session.drain(30)
        got = session.latest()
    assert isinstance(want, Analysed)
    assert isinstance(got, Analysed)
    assert [r.contour_px.tolist() for r in got.regions] == [
        r.contour_px.tolist() for r in want.regions
    ]


@pytest.mark.req("R6")
def test_the_caller_may_use_his_array_again_at_once(faulty: Faulty) -> None:
    got: list[Analysis] = []
    pixels = frame(1).pixels.copy()
    with sonoedge.live(
        faulty(base_ms=30), got.append, max_age_ms=LONG_MS, engine=TEST_DOUBLES
    ) as session:
        session.submit(frame(0))
        session.submit(Frame(pixels=pixels))
        pixels[:] = 0  # would be stopped as black
        assert session.drain(30)
        assert session.status().counters.not_analysed == {}


@pytest.mark.parametrize("fault", ["hang", "sound"])
@pytest.mark.parametrize("isolation", ["process", "thread"])
def test_closing_ends_everything_whatever_hangs(
    faulty: Faulty, isolation: sonoedge.session.start.Isolation, fault: str
) -> None:
    gate = threading.Event()
    faults = [{"kind": "hang", "call": FIRST + 1}] if fault == "hang" else []
    session = sonoedge.live(
        faulty(*faults),
        lambda analysis: gate.wait(30) and None,
        max_age_ms=LONG_MS,
        deadline_ms=LONG_MS,
        isolation=isolation,
        engine=TEST_DOUBLES,
    )
    session.submit(frame())
    assert wait_until(lambda: session.latest() is not None)
    session.submit(frame(1))
    session.submit(frame(1), "other")
    closing = threading.Thread(target=session.close)
    closing.start()
    closing.join(10)  # two seconds are promised; a busy machine gets more
    assert not closing.is_alive()
    gate.set()
    session.close()
    counters = session.status().counters
    assert counters.balanced
    assert counters.in_flight == 0
    assert session.status().reasons == ("CLOSED",)
    session.submit(frame(2))
    assert session.status().counters.not_analysed["CLOSED"] >= 1
    late = session.latest()
    assert late is not None
    assert reasons(late) == (Reason.CLOSED,)


def test_a_session_can_be_closed_by_its_own_callback(faulty: Faulty) -> None:
    done = threading.Event()

    def last(analysis: Analysis) -> None:
        session.close()
        done.set()

    session = sonoedge.live(faulty(), last, max_age_ms=LONG_MS, engine=TEST_DOUBLES)
    session.submit(frame())
    assert done.wait(30)
    assert session.status().reasons == ("CLOSED",)


def test_a_hung_thread_latches_fault_because_it_cannot_be_ended(faulty: Faulty) -> None:
    with sonoedge.live(
        faulty({"kind": "hang", "call": FIRST}),
        max_age_ms=LONG_MS,
        deadline_ms=50,
        isolation="thread",
        engine=TEST_DOUBLES,
    ) as session:
        assert reasons(one(session)) in ((Reason.DEADLINE_MISSED,), (Reason.FAULT,))
        assert session.status().counters.not_analysed == {"DEADLINE_MISSED": 1}
        assert session.status().reasons == ("ENGINE_HUNG",)


@pytest.mark.req("R16")
def test_a_host_that_reads_only_valid_until_sees_a_dead_session(faulty: Faulty) -> None:
    with sonoedge.live(faulty(), max_age_ms=LONG_MS, engine=TEST_DOUBLES) as session:
        status = session.status()
        assert status.valid_until_ns > status.at_ns
        assert status.valid_until_ns - status.at_ns <= 250_000_000
        session._supervisor.run = None  # type: ignore[assignment,method-assign]
        session._supervisor._wait = lambda: time.sleep(60)  # type: ignore[method-assign]
        assert wait_until(lambda: session.status().valid_until_ns < time.monotonic_ns())
        frozen_at = session.status().valid_until_ns
        session.submit(frame())
        assert session.status().valid_until_ns == frozen_at


def test_a_failure_of_the_sessions_own_thread_is_a_fault_and_frames_are_told(
    faulty: Faulty,
) -> None:
    with sonoedge.live(faulty(), max_age_ms=LONG_MS, engine=TEST_DOUBLES) as session:

        def broken() -> None:
            raise AssertionError("planted")

        session._supervisor._wait = broken  # type: ignore[method-assign]
        assert wait_until(lambda: session.status().state is State.FAULT)
        assert session.status().reasons == ("INTERNAL_ERROR",)
        session.submit(frame())
        assert session.drain(30)
        assert session.status().counters.not_analysed == {"FAULT": 1}


@pytest.mark.req("R20")
def test_the_wall_clock_is_never_asked(faulty: Faulty, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked() -> float:
        raise AssertionError("the wall clock was asked")

    with sonoedge.live(faulty(), max_age_ms=LONG_MS, engine=TEST_DOUBLES) as session:
        monkeypatch.setattr(time, "time", asked)
        monkeypatch.setattr(time, "time_ns", asked)
        assert isinstance(one(session), Analysed)


@pytest.mark.req("R20")
@pytest.mark.parametrize("isolation", ["process", "thread"])
def test_a_stamp_of_another_clock_is_refused_with_the_clock_that_is_wanted(
    faulty: Faulty, isolation: str
) -> None:
    with sonoedge.live(
        faulty(), max_age_ms=150, isolation=isolation, engine=TEST_DOUBLES
    ) as session:
        old_by_the_wall_clock = Frame(
            pixels=frame().pixels, captured_ns=time.time_ns() - 3_000_000_000
        )
        session.submit(old_by_the_wall_clock)
        assert session.drain(30)
        outcome = session.latest()
        assert isinstance(outcome, NotAnalysed)
        assert outcome.reasons == (Reason.CAPTURE_CLOCK_NOT_MONOTONIC,)
        assert "time.monotonic_ns()" in outcome.detail
        assert session.status().state is State.READY


@pytest.mark.req("R22")
@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"captured_ns": None}, Reason.CAPTURE_TIME_INVALID),
        ({"captured_ns": "now"}, Reason.CAPTURE_TIME_INVALID),
        ({"meta": FrameMeta(probe="x" * 300_000)}, Reason.METADATA_INVALID),
        ({"meta": None}, Reason.METADATA_INVALID),
        ({"roi_px": ("a", 0, 1, 1)}, Reason.INTERNAL_ERROR),
        ({"spacing_mm": 3}, Reason.SPACING_INVALID),
    ],
)
def test_what_cannot_be_in_a_frame_is_that_frames_outcome_and_the_worker_lives(
    faulty: Faulty, values: dict[str, Any], reason: Reason
) -> None:
    with sonoedge.live(faulty(), max_age_ms=LONG_MS, engine=TEST_DOUBLES) as session:
        worker = session.worker_pid
        given: dict[str, Any] = {"pixels": frame().pixels, **values}
        session.submit(Frame(**given))
        assert session.drain(30)
        outcome = session.latest()
        assert outcome is not None
        assert reasons(outcome) == (reason,)
        assert isinstance(one(session, 1), Analysed)
        assert session.worker_pid == worker
        assert session.status().deaths == 0


@pytest.mark.parametrize("stream", [5, None, ["left"], "x" * 300, "\ud800"])
def test_a_stream_that_is_no_name_is_refused_and_the_session_goes_on(
    faulty: Faulty, stream: object
) -> None:
    with sonoedge.live(faulty(), max_age_ms=LONG_MS, engine=TEST_DOUBLES) as session:
        with pytest.raises(InvalidSettings, match="stream must be text"):
            session.submit(frame(), stream)  # type: ignore[arg-type]
        assert session.status().counters.submitted == 0
        assert isinstance(one(session), Analysed)
        assert session.status().state is State.READY


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_a_callback_that_means_to_exit_ends_only_its_own_call(
    faulty: Faulty, error: type[BaseException]
) -> None:
    got: list[Analysis] = []

    def callback(analysis: Analysis) -> None:
        got.append(analysis)
        if len(got) == 1:
            raise error

    with sonoedge.live(faulty(), callback, max_age_ms=LONG_MS, engine=TEST_DOUBLES) as session:
        for number in range(3):
            session.submit(frame(number))
            assert session.drain(30)
        assert wait_until(lambda: len(got) == 3)
        assert session.status().callback_errors == 1


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"roi": (0, 0, 10, 10)}, "roi must be a Roi"),
        ({"guard": {"max_side_px": 9}}, "guard must be GuardSettings"),
        ({"guard": GuardSettings(max_side_px="9")}, "guard.max_side_px must be a whole number"),  # type: ignore[arg-type]
        ({"tracking": 1}, "tracking must be"),
        ({"explain": "yes"}, "explain must be True or False"),
        ({"max_age_ms": "150"}, "max_age_ms must be a number"),
        ({"deadline_ms": None}, "deadline_ms must be a number"),
        ({"health": 5}, "health must be HealthRules"),
        ({"on_analysis": 5}, "on_analysis must be a function"),
    ],
)
def test_settings_of_the_wrong_type_are_refused_before_a_worker_starts(
    tiny: Path, values: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(*args: object, **more: object) -> None:
        raise AssertionError("a worker was started")

    monkeypatch.setattr("subprocess.Popen", start)
    with pytest.raises(InvalidSettings, match=message):
        sonoedge.live(tiny, **values)
    if set(values) <= {"roi", "guard", "tracking"}:
        with pytest.raises(InvalidSettings, match=message):
            sonoedge.open(tiny, **values)


def test_a_session_that_is_dropped_warns_and_its_worker_ends(faulty: Faulty) -> None:
    for callback in (None, lambda analysis: None):
        session = sonoedge.live(faulty(), callback, max_age_ms=LONG_MS, engine=TEST_DOUBLES)
        worker = session.worker_pid
        with pytest.warns(ResourceWarning, match="dropped without being closed"):
            del session
        assert wait_until(lambda pid=worker: not Path(f"/proc/{pid}").exists())  # type: ignore[misc]


def test_a_session_that_the_collector_drops_under_its_own_lock_hangs_nobody(
    faulty: Faulty,
) -> None:
    """A cycle is collected in whatever thread, and in the middle of whatever it is doing."""
    session = sonoedge.live(faulty(), max_age_ms=LONG_MS, engine=TEST_DOUBLES)
    worker, lock = session.worker_pid, session._exchange._lock
    finaliser = threading.Thread(target=type(session).__del__, args=(session,), daemon=True)

    def finalise() -> None:
        finaliser.start()
        finaliser.join(10)

    with lock, pytest.warns(ResourceWarning, match="dropped"):
        finalise()
    assert not finaliser.is_alive()
    assert wait_until(lambda: not Path(f"/proc/{worker}").exists())
    session.close()


@pytest.mark.req("R19")
def test_a_bundle_that_changes_under_a_session_latches_fault_at_the_next_restart(
    tiny: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(tiny, bundle)
    with sonoedge.live(bundle, max_age_ms=LONG_MS) as session:
        assert isinstance(one(session), Analysed)
        manifest = json.loads((bundle / "manifest.json").read_text())
        manifest["intended_use"] = "Other tests."
        (bundle / "manifest.json").write_text(manifest_text(manifest))
        os.kill(session.worker_pid or 0, signal.SIGKILL)
        assert wait_until(lambda: session.status().state is State.FAULT)
        assert session.status().reasons == ("BUNDLE_UNUSABLE",)
        assert reasons(one(session, 1)) == (Reason.FAULT,)


@pytest.mark.req("R19")
def test_a_link_that_moves_to_another_bundle_moves_no_session(tiny: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    shutil.copytree(tiny, first)
    shutil.copytree(tiny, second)
    manifest = json.loads((second / "manifest.json").read_text())
    manifest["intended_use"] = "Other tests."
    (second / "manifest.json").write_text(manifest_text(manifest))
    current = tmp_path / "current"
    current.symlink_to(first)
    with sonoedge.live(current, max_age_ms=LONG_MS) as session:
        assert isinstance(one(session), Analysed)
        origin = session.status().origin
        current.unlink()
        current.symlink_to(second)
        os.kill(session.worker_pid or 0, signal.SIGKILL)
        assert wait_until(lambda: session.status().deaths == 1)
        assert wait_until(lambda: session.status().state is State.READY)
        assert session.status().origin == origin
        assert isinstance(one(session, 1), Analysed)
