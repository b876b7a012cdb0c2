from __future__ import annotations

from pathlib import Path

import pytest

import sonoedge
from sample_recordings.session import ENGINE, LONG_MS, TINY, frames
from sonoedge import Recording
from sonoedge.recording import RecordingStatus
from sonoedge_bench.reliability.drive import wait_until


def test_a_status_tells_when_a_clip_is_in_the_making_and_when_it_is_there(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    with sonoedge.live(
        TINY,
        max_age_ms=LONG_MS,
        isolation="thread",
        engine=ENGINE,
        record=Recording(folder=tmp_path / "clips", before_s=600, after_s=600),
    ) as session:
        nothing = RecordingStatus(clips=(), failed=0, why="", lost=0, writing=False)
        assert session.recording == nothing
        session.submit(frames(1)[0])
        assert session.drain(60)
        assert wait_until(lambda: session.recording is not None and session.recording.writing)
    assert session.finish_recording(60)
    assert session.recording == RecordingStatus(
        clips=("000001-flag",), failed=0, why="", lost=0, writing=False
    )
