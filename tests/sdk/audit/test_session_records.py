"""What real sessions leave in their log."""

from __future__ import annotations

import errno
import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import sonoedge
from sonoedge import EngineOptions, State
from sonoedge.audit import AuditLog, parse_anchor
from sonoedge.bundle import read_bundle
from sonoedge.errors import DigestMismatch, InvalidManifest, InvalidSettings
from sonoedge.session import HealthRules
from sonoedge_bench.reliability.drive import frame, wait_until
from sonoedge_bench.reliability.faulty_bundle import first_frame_call, make_faulty_bundle

if not hasattr(os, "memfd_create"):
    pytest.skip("a worker process needs Linux", allow_module_level=True)

TINY = Path(__file__).parents[2] / "data" / "tiny"
FIRST = first_frame_call(TINY)
TEST_DOUBLES = EngineOptions(test_doubles=True)
LONG_MS = 60_000.0
Faulty = Callable[..., Path]


@pytest.fixture
def faulty(tmp_path: Path) -> Faulty:
    def make(*faults: dict[str, Any]) -> Path:
        return make_faulty_bundle(TINY, tmp_path / "faulty", faults)

    return make


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    loggers = [logging.getLogger(f"sonoedge.{name}") for name in ("session", "audit")]
    for logger in loggers:
        logger.disabled = True
    yield
    for logger in loggers:
        logger.disabled = False


def states(log: Any) -> list[tuple[str, str]]:
    return [(r.values["state"], r.values["reason"]) for r in log.records("state")]


def test_a_session_leaves_its_bundle_its_states_and_its_counts(log: Any, faulty: Faulty) -> None:
    bundle = faulty()
    with sonoedge.live(
        bundle, max_age_ms=LONG_MS, engine=TEST_DOUBLES, audit=log.folder
    ) as session:
        for number in range(5):
            session.submit(frame(number))
            assert session.drain(30)
        session.pause()
        session.submit(frame(6))
        assert session.drain(30)
        assert session.status().audit is not None
    (opened,) = log.records("bundle_opened")
    assert opened.values["manifest"] == read_bundle(bundle, test_doubles=True).manifest_sha256
    assert opened.values["signer"] == "none"
    (start,) = log.records("session_start")
    assert start.values["max_age_ms"] == LONG_MS
    (test,) = log.records("self_test")
    assert test.values["passed"] is True
    assert states(log) == [("READY", "none"), ("PAUSED", "PAUSED"), ("UNAVAILABLE", "CLOSED")]
    (counts,) = log.records("frames")
    assert (counts.values["submitted"], counts.values["analysed"]) == (6, 5)
    assert [(r.values["reason"], r.values["count"]) for r in log.records("drops")] == [
        ("PAUSED", 1)
    ]
    (stop,) = log.records("session_stop")
    assert (stop.values["submitted"], stop.values["not_analysed"]) == (6, 1)
    assert stop.values["in_flight"] == 0
    assert log.verify().unsealed == 0
    assert len({r.values["session"] for r in log.records() if "session" in r.values}) == 1


def test_a_death_and_a_fault_are_recorded_and_the_fault_is_sealed_at_once(
    log: Any, faulty: Faulty
) -> None:
    with sonoedge.live(
        faulty(),
        max_age_ms=LONG_MS,
        engine=TEST_DOUBLES,
        audit=log.folder,
        health=HealthRules(max_deaths=2),
    ) as session:
        for deaths in (1, 2):
            os.kill(session.worker_pid or 0, signal.SIGKILL)
            assert wait_until(lambda n=deaths: session.status().deaths == n)
            if deaths == 1:
                assert wait_until(lambda: session.status().state is State.READY)
        assert session.status().state is State.FAULT
        assert wait_until(lambda: ("FAULT", "TOO_MANY_DEATHS") in states(log))
        assert wait_until(lambda: log.records()[-1].kind == "seal")
    assert ("UNAVAILABLE", "ENGINE_CRASHED") in states(log)
    assert len(log.records("self_test")) == 2


def test_a_wrong_golden_answer_is_recorded(log: Any, faulty: Faulty) -> None:
    bundle = faulty({"kind": "wrong", "call": FIRST + 2})
    with sonoedge.live(
        bundle, max_age_ms=LONG_MS, engine=TEST_DOUBLES, audit=log.folder, golden_idle_s=0.1
    ) as session:
        assert wait_until(lambda: session.status().state is State.FAULT)
    assert [r.values["error"] for r in log.records("golden_failed")] == ["GOLDEN_MISMATCH"]
    assert ("FAULT", "WRONG_ANSWER") in states(log)


def test_golden_frames_that_hold_are_counted(log: Any, faulty: Faulty) -> None:
    with sonoedge.live(
        faulty(), max_age_ms=LONG_MS, engine=TEST_DOUBLES, audit=log.folder, golden_idle_s=0.1
    ):
        time.sleep(1.5)
    assert sum(r.values["passed"] for r in log.records("golden")) >= 3


@pytest.mark.parametrize("damage", ["manifest.json", "golden/frame000.png"])
def test_a_bundle_that_is_refused_is_recorded(log: Any, faulty: Faulty, damage: str) -> None:
    bundle = faulty()
    (bundle / damage).write_bytes(b"{}")
    with pytest.raises((InvalidManifest, DigestMismatch)) as refused:
        sonoedge.live(bundle, engine=TEST_DOUBLES, audit=log.folder)
    kind = "start_refused" if damage == "manifest.json" else "self_test"
    assert [r.values["error"] for r in log.records(kind)] == [refused.value.token]
    assert log.verify().unsealed == 0


def test_a_flag_is_recorded_with_its_track_and_sealed(log: Any) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    with sonoedge.live(TINY, max_age_ms=LONG_MS, audit=log.folder) as session:
        pixels = frame(3).pixels.copy()
        pixels[30:70, 40:90] = 20
        for number in range(12):
            pixels[0, 0] = number
            session.submit(sonoedge.Frame(pixels=pixels, spacing_mm=(0.1, 0.2)))
            assert session.drain(30)
        latest = session.latest()
        assert isinstance(latest, sonoedge.Analysed)
        assert latest.temporal_flag
        tracks = {r.track_id for r in latest.regions if r.track_flagged}
        assert wait_until(lambda: len(log.records("flag")) == len(tracks))
        assert wait_until(lambda: log.verify().unsealed == 0)
    assert {r.values["track"] for r in log.records("flag")} == tracks
    assert sum(r.values["flagged"] for r in log.records("frames")) > 0


def test_while_the_log_cannot_be_written_analysis_goes_on_and_says_so(
    log: Any, faulty: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sonoedge.live(
        faulty(), max_age_ms=LONG_MS, engine=TEST_DOUBLES, audit=log.folder
    ) as session:
        assert wait_until(lambda: len(log.records("state")) == 1)
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", refuse_logs(os.write, log.folder))
            session.pause()
            session.resume()
            assert wait_until(lambda: session.status().reasons == ("LOG_STORAGE",))
            for number in range(15):  # more than a passing trouble would need
                session.submit(frame(number))
                assert session.drain(30)
                assert isinstance(session.latest(), sonoedge.Analysed)
            status = session.status()
            assert (status.state, status.reasons) == (State.DEGRADED, ("LOG_STORAGE",))
            assert status.valid_until_ns > status.at_ns
        assert wait_until(lambda: session.status().state is State.READY)
    assert ("DEGRADED", "LOG_STORAGE") in states(log)
    assert log.verify().lost == 0


def refuse_logs(write: Callable[[int, bytes], int], folder: Path) -> Callable[[int, bytes], int]:
    """A full disk for the log, and for nothing else."""

    def refused(fd: int, data: bytes) -> int:
        if folder in Path(f"/proc/self/fd/{fd}").readlink().parents:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(fd, data)

    return refused


def test_two_sessions_share_a_log_that_the_host_holds_open(log: Any, faulty: Faulty) -> None:
    with AuditLog(log.folder) as audit:
        for _ in range(2):
            sonoedge.live(faulty(), max_age_ms=LONG_MS, engine=TEST_DOUBLES, audit=audit).close()
        assert log.verify().unsealed == 0
        assert not audit.failing
        audit.record("drops", {"session": "s", "reason": "STALE", "count": 1})
    assert len({r.values["session"] for r in log.records("session_stop")}) == 2
    assert len(log.records("opened")) == 1


def test_a_session_that_is_dropped_leaves_its_end(log: Any, faulty: Faulty) -> None:
    with AuditLog(log.folder) as audit:
        session = sonoedge.live(faulty(), engine=TEST_DOUBLES, audit=audit)
        with pytest.warns(ResourceWarning, match="dropped without"):
            del session
        assert wait_until(lambda: len(log.records("session_stop")) == 1)


@pytest.mark.parametrize("audit", [1, b"log", object()])
def test_what_is_no_log_is_refused(audit: Any) -> None:
    with pytest.raises(InvalidSettings, match="audit is an audit log"):
        sonoedge.live(TINY, audit=audit)


def test_a_folder_without_a_log_is_refused_with_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="sonoedge audit init"):
        sonoedge.live(TINY, audit=tmp_path)


def test_the_status_carries_an_anchor_that_the_log_keeps_to(log: Any, faulty: Faulty) -> None:
    with sonoedge.live(faulty(), engine=TEST_DOUBLES, audit=log.folder) as session:
        assert wait_until(lambda: session.status().audit is not None)
        anchor = parse_anchor(str(session.status().audit))
    from sonoedge.audit import verify_log

    assert verify_log(log.folder, key=log.key, anchor=anchor).anchor_checked
    with sonoedge.live(faulty(), engine=TEST_DOUBLES) as session:
        assert session.status().audit is None
