"""A recording costs the session nothing, whatever becomes of it."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import sonoedge
from sample_recordings.moments import ORIGIN, analysed, refused, region
from sample_recordings.session import ENGINE, LONG_MS, TINY, frames
from sonoedge import Analysis, Frame, Reason, Recording, State
from sonoedge.errors import InvalidSettings
from sonoedge.processing.geometry import Roi
from sonoedge.recording import read_recording, recorder, recordings, replay_clip
from sonoedge.recording.description import Description
from sonoedge.recording.moment import Moment
from sonoedge.recording.recorder import Recorder
from sonoedge.session.departures import Settlement
from sonoedge.session.mailbox import Buffers, Submission
from sonoedge_bench.reliability.drive import wait_until

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")


def live(folder: Path, **options: Any) -> sonoedge.LiveSession:
    recording = Recording(folder=folder, before_s=600, **options)
    return sonoedge.live(
        TINY, max_age_ms=LONG_MS, isolation="thread", engine=ENGINE, record=recording
    )


def feed(session: sonoedge.LiveSession, count: int = 30) -> None:
    for frame in frames(count):
        session.submit(frame)
        assert session.drain(60)


def test_a_session_without_a_recording_has_none_and_writes_none(tmp_path: Path) -> None:
    with sonoedge.live(TINY, isolation="thread", engine=ENGINE) as session:
        session.submit(frames(1)[0])
        assert session.drain(60)
        assert session.recording is None
    assert session.finish_recording(0)


def test_bad_frames_are_recorded_as_outcomes(tmp_path: Path) -> None:
    bad: list[Any] = [
        "no frame",
        Frame(pixels=None),  # type: ignore[arg-type]
        Frame(pixels=np.zeros((4, 4), dtype=np.float32)),  # type: ignore[arg-type]
        Frame(pixels=frames(1)[0].pixels, captured_ns="now"),  # type: ignore[arg-type]
        Frame(pixels=frames(1)[0].pixels, spacing_mm=(float("nan"), 0.1)),
    ]
    with live(tmp_path / "clips", after_s=600) as session:
        feed(session, 5)
        for frame in bad:
            session.submit(frame)
            assert session.drain(60)
        feed(session, 5)
        assert session.status().state in (State.READY, State.DEGRADED)
    assert session.finish_recording(60)
    clip = read_recording(tmp_path / "clips" / "000001-flag")
    assert [row.frame for row in clip.rows] == list(range(15))
    assert [row.outcome for row in clip.rows][5:10] == [
        "INTERNAL_ERROR",
        "WRONG_DTYPE",
        "WRONG_DTYPE",
        "CAPTURE_TIME_INVALID",
        "SPACING_INVALID",
    ]
    assert replay_clip(clip, TINY).bit_identical


def test_what_is_no_recording_is_refused() -> None:
    with pytest.raises(InvalidSettings, match="record must be a Recording"):
        sonoedge.live(TINY, record="folder", engine=ENGINE)  # type: ignore[arg-type]


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    with live(tmp_path / "clips", after_s=600) as session:
        feed(session)
    assert session.finish_recording(60)
    paths = list((tmp_path / "clips").rglob("*"))
    assert len(paths) > 30
    assert {p.stat().st_mode & 0o077 for p in paths} == {0}


LIMITED = """
import resource, sys
import sonoedge
from pathlib import Path
from sample_recordings.session import ENGINE, LONG_MS, TINY, frames
from sonoedge import Recording, State

with sonoedge.live(
    TINY, max_age_ms=LONG_MS, engine=ENGINE,
    record=Recording(folder=sys.argv[1], before_s=600, after_s=0.0),
) as session:
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))  # as a disk that is full
    for frame in frames(60):
        session.submit(frame)
        assert session.drain(60)
    session.close()
    assert session.finish_recording(60)
    status = session.status()
    assert status.counters.analysed > 50, status
    assert status.deaths == 0
    recording = session.recording
    assert recording.clips == () and recording.failed > 0, recording
    assert recording.why == "File too large", recording
    assert list(Path(sys.argv[1]).rglob("*")) == [Path(sys.argv[1]) / "incoming"]
"""


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}


def test_a_full_disk_is_counted_and_every_frame_is_analysed(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path / "clips")],
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "a clip cannot be written: File too large" in done.stderr


KILLED = """
import sys
import sonoedge
from sample_recordings.session import ENGINE, LONG_MS, TINY, frames
from sonoedge import Recording

with sonoedge.live(
    TINY, max_age_ms=LONG_MS, isolation="thread", engine=ENGINE,
    record=Recording(folder=sys.argv[1], before_s=0.5, after_s=0.05),
) as session:
    while True:
        for frame in frames(40):
            session.submit(frame)
            session.drain(60)
"""


def test_a_kill_leaves_whole_clips_alone(tmp_path: Path) -> None:
    folder = tmp_path / "clips"
    half = 0
    for number in range(4):
        process = subprocess.Popen([sys.executable, "-c", KILLED, str(folder)], env=environment())
        before = len(list(folder.glob("0*")))
        assert wait_until(lambda n=before: len(list(folder.glob("0*"))) > n, 60)
        time.sleep(0.013 * number)
        wait_until(lambda: any((folder / "incoming").rglob("*.png")), 5)
        process.send_signal(signal.SIGKILL)
        process.wait()
        half += any((folder / "incoming").rglob("*.png"))
    assert half > 0  # some were killed in the middle of one
    for name in recordings(folder):
        clip = read_recording(name)
        for path in clip.document.files:
            if path.endswith(".png"):
                clip.pixels(path)
    with live(folder) as session:
        assert not any((folder / "incoming").iterdir())
        assert session.recording is not None


def test_a_disk_that_does_not_answer_holds_nothing_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = threading.Event()
    real = recorder.write_clip

    def hung(*args: Any, **options: Any) -> str:
        answers.wait(60)
        return real(*args, **options)

    monkeypatch.setattr(recorder, "write_clip", hung)
    session = live(tmp_path / "clips", after_s=0.0)
    try:
        feed(session, 40)
        assert session.status().state is State.READY
        assert session.status().counters.analysed > 30
        begin_s = time.monotonic()
        session.close()
        assert time.monotonic() - begin_s < 2.0
        assert not session.finish_recording(0.01)
    finally:
        answers.set()
    assert session.finish_recording(60)
    assert session.recording is not None
    assert session.recording.clips


class Given:
    """A recorder that is called by hand."""

    def __init__(self, folder: Path, **options: Any) -> None:
        from sonoedge.bundle import read_bundle

        bundle = read_bundle(TINY)
        description = Description(
            bundle.manifest,
            bundle.manifest_sha256,
            threads=1,
            roi=None,
            guard=None,
            tracking=False,
            max_age_ms=150.0,
            deadline_ms=500.0,
        )
        self.buffers = Buffers()
        self.session = sonoedge.live(TINY, isolation="thread", engine=ENGINE)
        self.recorder = Recorder(
            Recording(folder=folder, **options), description, self.session.status, self.buffers
        )
        origin = self.session.status().origin
        assert origin is not None
        self.origin = origin
        self.recorder.engine_ready(origin)

    def settle(
        self, number: int, result: Analysis, pixels: Any = None, *, answered: bool = True
    ) -> bool:
        if pixels is None:
            pixels = np.zeros((512, 1024), dtype=np.uint8)
        if result.origin is ORIGIN:
            result = replace(result, origin=self.origin)
        frame = Frame(pixels=pixels, captured_ns=time.monotonic_ns())
        submission = Submission(
            frame_id=number, stream="main", frame=frame, born_ns=frame.captured_ns
        )
        return self.recorder.settled(
            Settlement(
                submission=submission,
                answer=result if answered else None,
                result=result,
                at_ns=time.monotonic_ns(),
                reusable=True,
            )
        )

    def close(self) -> None:
        self.recorder.close()
        assert self.recorder.wait(60)
        self.session.close()


def test_the_sessions_copy_is_kept_and_given_back_and_never_copied_again(tmp_path: Path) -> None:
    given = Given(tmp_path / "clips", before_s=0.0, after_s=0.1)
    pixels = np.zeros((64, 64), dtype=np.uint8)
    back: list[Any] = []
    given.buffers.give_back = back.append  # type: ignore[method-assign]
    assert given.settle(0, analysed(region()), pixels)
    assert not given.settle(1, refused(Reason.STALE), answered=False)  # no engine was asked
    given.close()
    assert len(back) == 1
    assert back[0] is pixels
    assert given.recorder.status().clips == ("000001-flag",)


def test_frames_beyond_the_memory_are_counted_and_go_back_at_once(tmp_path: Path) -> None:
    given = Given(tmp_path / "clips", before_s=600.0, after_s=600.0, memory_mb=2)
    hold = threading.Event()
    given.recorder._session_status = lambda: (hold.wait(60), given.session.status())[1]
    kept = [given.settle(number, analysed()) for number in range(12)]
    hold.set()
    assert kept.count(True) <= 4
    assert kept[-1] is False
    status = given.recorder.status()
    assert status.lost == kept.count(False)
    given.close()


def test_when_the_last_clip_is_written_the_frames_memory_is_free_again(tmp_path: Path) -> None:
    def left() -> list[str]:
        links = [file.readlink() for file in Path("/proc/self/fd").iterdir() if file.is_symlink()]
        return [str(link) for link in links if "sonoedge-frame" in str(link)]

    gc.collect()
    gc.disable()
    try:
        session = sonoedge.live(
            TINY,
            max_age_ms=LONG_MS,
            engine=ENGINE,
            record=Recording(folder=tmp_path / "clips", before_s=600, after_s=600),
        )
        feed(session)
        assert left()
        session.close()
        assert session.finish_recording(60)
        del session
        assert wait_until(lambda: left() == [])
    finally:
        gc.enable()


def test_answers_of_another_bundle_are_not_recorded_as_this_ones(tmp_path: Path) -> None:
    given = Given(tmp_path / "clips")
    other = replace(given.origin, bundle_id="another-2-0123")
    assert given.settle(0, replace(analysed(region()), origin=given.origin))
    assert given.settle(1, replace(analysed(region()), origin=other)) is False
    given.close()
    status = given.recorder.status()
    assert (status.lost, status.clips) == (1, ("000001-flag",))
    assert "switched from the bundle that is recorded" in status.why


def test_an_engine_that_returns_is_the_one_that_it_was(tmp_path: Path) -> None:
    """A bundle on trial has failed: the worker before goes on with all that it remembers."""
    given = Given(tmp_path / "clips", before_s=600.0, after_s=600.0)
    given.settle(0, analysed(region()))
    given.recorder.engine_ready(replace(given.origin, bundle_id="another-2-0123"))
    given.recorder.engine_returns()
    given.settle(1, analysed(region()))
    given.recorder.engine_ready(given.origin)  # and a new one begins anew
    given.settle(2, analysed(region()))
    given.close()
    clip = read_recording(tmp_path / "clips" / "000001-flag")
    assert [row.engine for row in clip.rows] == [1, 1, 3]
    assert clip.document.engine.bundle_id == given.origin.bundle_id


def test_a_session_is_not_told_of_a_fault_in_the_recording(tmp_path: Path) -> None:
    given = Given(tmp_path / "clips")
    broken: Any = Settlement(
        submission=None,  # type: ignore[arg-type]
        answer=None,
        result=None,
        at_ns=0,
        reusable=True,
    )
    assert given.recorder.settled(broken) is False
    assert given.recorder.status().lost == 1
    assert "AttributeError" in given.recorder.status().why
    given.close()


def test_when_its_thread_has_failed_nothing_is_held_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    given = Given(tmp_path / "clips")

    def fail(moment: Moment) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(given.recorder._collection, "add", fail)
    given.settle(0, analysed())
    assert given.recorder.wait(60)
    assert given.settle(1, analysed()) is False
    assert "the recording's thread failed" in caplog.text
    assert "a fault of ours" in caplog.text
    assert given.recorder.status().why == "the recording's thread failed"
    given.session.close()


def _region_frames(count: int) -> list[Frame]:
    """Frames with white rows above their tissue region, as a scanner writes names there."""
    made = []
    for frame in frames(count):
        pixels = np.pad(frame.pixels, ((20, 0), (0, 0)), constant_values=255)
        height, width = pixels.shape
        made.append(replace(frame, pixels=pixels, roi_px=(0, 20, width, height)))
    return made


@pytest.mark.req("R56")
def test_what_lies_outside_the_tissue_region_is_blanked_and_the_replay_is_the_same(
    tmp_path: Path,
) -> None:
    with live(tmp_path / "clips", blank_outside_region=True) as session:
        for frame in _region_frames(30):
            session.submit(frame)
            assert session.drain(60)
    assert session.finish_recording(60)
    (name,) = recordings(tmp_path / "clips")
    clip = read_recording(name)
    pictures = sorted((name / "pictures").glob("0*.png"))
    assert len(pictures) == len(clip.rows) > 10
    for picture in pictures:
        assert not cv2.imread(str(picture), cv2.IMREAD_UNCHANGED)[:20].any()
    assert replay_clip(clip, TINY).bit_identical


@pytest.mark.req("R56")
def test_frames_without_a_region_to_trust_are_not_recorded(tmp_path: Path) -> None:
    with live(tmp_path / "clips", blank_outside_region=True) as session:
        feed(session)
    assert session.finish_recording(60)
    assert session.recording is not None
    assert (session.recording.clips, session.recording.failed) == ((), 1)
    assert list((tmp_path / "clips").rglob("*.png")) == []
    assert "no tissue region that can be trusted" in session.recording.why


@pytest.mark.req("R56")
def test_a_region_that_is_set_goes_not_with_blanking(tmp_path: Path) -> None:
    recording = Recording(folder=tmp_path / "clips", blank_outside_region=True)
    with pytest.raises(InvalidSettings, match="a region of interest is set"):
        sonoedge.live(
            TINY,
            isolation="thread",
            engine=ENGINE,
            record=recording,
            roi=Roi(x0=0, y0=0, x1=90, y1=90),
        )
