"""A recording that was written once is read by every version that says so."""

from __future__ import annotations

from pathlib import Path

from sonoedge.recording import read_recording

KEPT = Path(__file__).parents[2] / "data" / "documents" / "recording-1"


def test_a_recording_of_schema_1_is_read_to_its_last_picture() -> None:
    clip = read_recording(KEPT)
    assert [row.frame for row in clip.rows] == list(range(6))
    assert [answer.flagged for answer in clip.answers.values()] == [True] * 6
    assert clip.answers[4].temporal_flag is True
    for row in clip.rows:
        assert row.picture is not None
        assert clip.pixels(row.picture).shape == (120, 160)
    assert clip.document.settings.tracking is not None
    assert clip.document.engine.bundle_id.startswith("dark-spots-1-")
