from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sample_recordings.session import TINY, record_stream
from sonoedge.outputs.replay import lines
from sonoedge.recording import Replay, read_recording
from sonoedge.recording.changes import Changes
from sonoedge.recording.differences import Difference
from sonoedge.recording.document import Document
from sonoedge.recording.replay import FrameDifference

SAME = Replay(
    name="000001-flag",
    bundle_id="b-1-0123",
    same_bundle=True,
    machine=(),
    frames=30,
    answered=28,
    identical=28,
    differing=(),
    unanswered={"superseded": 2},
    asked_again=(),
    changes=None,
    out_of_step=0,
)
CHANGED = Difference(key="suspicion", recorded="0.1", now="0.2")


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Document:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    folder = tmp_path_factory.mktemp("lines") / "clips"
    record_stream(folder, 10)
    assert Path(TINY).is_dir()
    return read_recording(folder / "000001-flag").document


def text(replay: Replay, document: Document) -> str:
    return "\n".join(lines(replay, document))


def test_each_verdict_reads_as_what_it_is(document: Document) -> None:
    assert "bit-identical: 28 answers" in text(SAME, document)
    other = replace(SAME, machine=(("cpu", "A", "B"),), identical=26)
    assert "within the golden tolerance: 2 of 28 answers not" in text(other, document)
    assert "another machine: cpu was A, is B" in text(other, document)
    nothing = replace(SAME, answered=0, identical=0)
    assert "nothing to compare" in text(nothing, document)
    assert "bit-identical" not in text(nothing, document)


def test_differences_are_named_and_a_long_list_is_cut(document: Document) -> None:
    differing = tuple(
        FrameDifference(frame=frame, differences=(CHANGED,) * 9) for frame in range(30)
    )
    said = text(replace(SAME, identical=0, differing=differing), document)
    assert "DIFFERS: 30 of 28 answers" in said
    assert "frame 3: suspicion 0.1 -> 0.2; " in said
    assert "and 4 more" in said
    assert "and 10 frames more" in said
    assert "frame 25" not in said


def test_doubt_and_frames_without_answer_are_said(document: Document) -> None:
    said = text(
        replace(SAME, out_of_step=3, asked_again=((7, "DEADLINE_MISSED", "analysed"),)), document
    )
    assert "doubtful: 3 answers" in said
    assert "frame 7 had no answer then (DEADLINE_MISSED); now: analysed" in said


def test_another_bundle_is_told_by_its_changes(document: Document) -> None:
    changes = Changes(
        flags_gained=(3, 4),
        flags_lost=(),
        temporal_gained=(),
        temporal_lost=(9,),
        temporal_from=8,
        outcomes_changed=(),
        compared=27,
        iou=0.5,
        suspicion=(-0.25, 0.01),
    )
    said = text(replace(SAME, same_bundle=False, changes=changes), document)
    assert "against another bundle, b-1-0123" in said
    assert "flags gained          2   frames 3, 4" in said
    assert "temporal flag compared from frame 8 on" in said
    assert "mean +0.0100, largest -0.2500" in said
    short = replace(changes, temporal_from=None, iou=None, suspicion=None)
    assert "temporal flag not compared" in text(
        replace(SAME, same_bundle=False, changes=short), document
    )
