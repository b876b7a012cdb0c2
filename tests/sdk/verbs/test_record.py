from __future__ import annotations

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge.recording import RecordingStatus
from sonoedge.verbs.record import recording_of, recording_report


def test_who_records_is_told_what_that_means(capsys: pytest.CaptureFixture[str]) -> None:
    recording = recording_of("clips")
    assert recording is not None
    assert recording.folder == "clips"
    assert "the frames may show patients" in capsys.readouterr().err


def test_nothing_is_recorded_or_said_unless_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert recording_of(None) is None
    assert recording_report(None) == {}
    assert capsys.readouterr().err == ""


def test_an_empty_folder_is_not_taken_for_nothing_to_record() -> None:
    with pytest.raises(InvalidSettings, match="--record names no folder"):
        recording_of("")


def test_a_clip_that_could_not_be_written_is_in_the_report() -> None:
    status = RecordingStatus(
        clips=("000001-flag",), failed=2, why="No space left on device", lost=1, writing=False
    )
    assert recording_report(status) == {
        "clips": ["000001-flag"],
        "clips_failed": 2,
        "clips_failed_why": "No space left on device",
        "frames_not_recorded": 1,
    }
