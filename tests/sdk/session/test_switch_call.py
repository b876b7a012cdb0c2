"""`LiveSession.switch` with real workers."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sonoedge
from sonoedge import Analysed, Analysis, EngineOptions, State
from sonoedge.bundle.identity import manifest_text
from sonoedge.errors import (
    BundleNotFound,
    Closed,
    DigestMismatch,
    GoldenMismatch,
    InvalidSettings,
    SignatureMissing,
    SwitchRefused,
    VariantNotFound,
)
from sonoedge.session import LiveSession
from sonoedge.session.opening import AdmittedBundle
from sonoedge.trust.keyring import Keyring
from sonoedge.trust.policy import TrustPolicy
from sonoedge_bench.reliability.drive import frame, wait_until
from sonoedge_bench.reliability.faulty_bundle import first_frame_call

if not hasattr(os, "memfd_create"):
    pytest.skip("a worker process needs Linux", allow_module_level=True)

FIRST = first_frame_call(Path(__file__).parent.parent.parent / "data" / "tiny")
TEST_DOUBLES = EngineOptions(test_doubles=True)
LONG_MS = 60_000.0
Faulty = Callable[..., Path]


def one(session: LiveSession, number: int = 0) -> Analysis:
    """Submit a frame, wait for its outcome."""
    session.submit(frame(number))
    assert session.drain(30)
    latest = session.latest()
    assert latest is not None
    return latest


def other(bundle: Path, out: Path, **changes: Any) -> Path:
    """A copy of a bundle, with another manifest."""
    shutil.copytree(bundle, out)
    manifest = json.loads((out / "manifest.json").read_text()) | changes
    (out / "manifest.json").write_text(manifest_text(manifest))
    return out


@pytest.mark.req("R47")
def test_a_session_switches_while_frames_go_on_and_a_death_on_trial_takes_it_back(
    faulty: Faulty, tmp_path: Path
) -> None:
    first = faulty()
    second = other(faulty(name="base"), tmp_path / "second", intended_use="Other tests.")
    got: list[Analysis] = []
    stop = threading.Event()
    with sonoedge.live(first, got.append, max_age_ms=LONG_MS, engine=TEST_DOUBLES) as session:
        began_with = session.status().origin
        unbalanced = []

        def feed() -> None:
            number = 0
            while not stop.wait(0.01):
                session.submit(frame(number % 8))
                unbalanced.extend([number] * (not session.status().counters.balanced))
                number += 1

        feeder = threading.Thread(target=feed)
        feeder.start()
        try:
            origin = session.switch(second)
            assert began_with is not None
            assert origin != began_with
            assert wait_until(lambda: got and got[-1].origin == origin)
            os.kill(session.worker_pid or 0, signal.SIGKILL)
            assert wait_until(lambda: session.status().switch.reverted == 1)
            assert wait_until(lambda: got[-1].origin == began_with)
        finally:
            stop.set()
            feeder.join()
        assert session.drain(30)
        status = session.status()
        assert status.origin == began_with
        assert status.switch.last_failure == "ENGINE_CRASHED"
        assert unbalanced == []
        assert status.counters.in_flight == 0
    # First the one, then the other, then the first again: never in turns.
    origins = [a.origin for a in got]
    borders = sum(a != b for a, b in itertools.pairwise(origins))
    assert borders == 2
    assert {a.origin for a in got if isinstance(a, Analysed)} == {began_with, origin}


def test_a_bundle_that_cannot_be_used_is_a_typed_error_and_costs_nothing(
    faulty: Faulty, tmp_path: Path
) -> None:
    broken = faulty(name="broken")
    (broken / "graphs" / "faulty.json").write_text("{}")
    wrong = faulty({"kind": "wrong", "call": 0}, name="wrong")
    with sonoedge.live(faulty(), max_age_ms=LONG_MS, engine=TEST_DOUBLES) as session:
        before, worker = session.status(), session.worker_pid
        with pytest.raises(BundleNotFound):
            session.switch(tmp_path / "nowhere")
        with pytest.raises(DigestMismatch, match=r"faulty\.json"):
            session.switch(broken)
        with pytest.raises(GoldenMismatch):
            session.switch(wrong)
        with pytest.raises(VariantNotFound):
            session.switch(
                faulty(), engine=EngineOptions(variant="there-is-none", test_doubles=True)
            )
        with pytest.raises(InvalidSettings, match="timeout_s"):
            session.switch(faulty(), timeout_s=-1)
        with pytest.raises(InvalidSettings, match="engine must be"):
            session.switch(faulty(), engine="onnxruntime")  # type: ignore[arg-type]
        after = session.status()
        assert (after.state, after.origin, after.switch, after.deaths) == (
            (before.state, before.origin, before.switch, before.deaths)
        )
        assert session.worker_pid == worker
        assert isinstance(one(session), Analysed)


def test_a_session_switches_only_where_it_can_go_back(faulty: Faulty) -> None:
    bundle = faulty()
    slow = faulty({"kind": "slow", "at": "load", "ms": 1000}, name="slow")
    session = sonoedge.live(slow, wait=False, engine=TEST_DOUBLES)
    with session, pytest.raises(SwitchRefused, match="STARTING"):
        session.switch(bundle)
    with pytest.raises(Closed):
        session.switch(bundle)
    wrong = faulty({"kind": "wrong", "call": FIRST}, name="wrong")
    with sonoedge.live(wrong, golden_idle_s=0.01, engine=TEST_DOUBLES) as faulted:
        assert wait_until(lambda: faulted.status().state is State.FAULT)
        with pytest.raises(SwitchRefused, match="FAULT"):
            faulted.switch(bundle)
    with (
        sonoedge.live(bundle, isolation="thread", engine=TEST_DOUBLES) as in_thread,
        pytest.raises(InvalidSettings, match="isolation"),
    ):
        in_thread.switch(bundle)


def test_a_switch_while_the_picture_is_frozen_brings_labels_and_keeps_the_pause(
    faulty: Faulty, tmp_path: Path
) -> None:
    base = faulty(name="base")
    postprocess = json.loads((base / "manifest.json").read_text())["postprocess"]
    labels = ["nothing", *postprocess["labels"][1:]]
    second = other(base, tmp_path / "second", postprocess=postprocess | {"labels": labels})
    with sonoedge.live(faulty(), max_age_ms=LONG_MS, engine=TEST_DOUBLES) as session:
        assert isinstance(one(session), Analysed)
        session.pause()
        session.switch(second)
        assert session.labels == tuple(labels)
        assert session.status().state is State.PAUSED
        session.resume()
        result = one(session)
        assert isinstance(result, Analysed)
        assert "nothing" in result.class_probs


def test_the_grant_of_the_bundle_before_is_left_for_it_may_have_to_run_again(
    faulty: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled: list[str] = []
    monkeypatch.setattr(
        AdmittedBundle, "settle_grants", lambda admitted: settled.append(admitted.bundle_id)
    )
    first = faulty()
    with sonoedge.live(first, max_age_ms=LONG_MS, engine=TEST_DOUBLES) as session:
        origin = session.status().origin
        assert origin is not None
        assert settled == [origin.bundle_id]  # whoever begins with a bundle means it
        session.switch(faulty(name="second"))
    assert settled == [origin.bundle_id]


def test_a_session_that_takes_signed_bundles_alone_switches_to_no_other(
    faulty: Faulty, tmp_path: Path
) -> None:
    pytest.importorskip("cryptography", reason="signatures need cryptography")
    from sonoedge.trust.keyring_changes import key_row
    from sonoedge.trust.signing import generate_key_pair

    row = key_row(generate_key_pair(tmp_path / "key"))
    strict = TrustPolicy(
        keyring=Keyring(
            version=1, root_threshold=1, root=(row,), release_threshold=1, release=(row,)
        )
    )
    with sonoedge.live(faulty(), max_age_ms=LONG_MS, engine=TEST_DOUBLES) as session:
        origin = session.status().origin
        with pytest.raises(SignatureMissing):
            session.switch(faulty(name="unsigned"), trust=strict)
        assert session.status().origin == origin
        assert isinstance(one(session), Analysed)
