"""`sonoedge replay`: what it prints, and its exit codes."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest

from sample_recordings.session import TINY, record_stream
from sonoedge.bundle.digest import digest
from sonoedge.cli import main
from sonoedge.recording.document import document_bytes, parse_document

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("replayed") / "clips"
    record_stream(folder, 20)
    return folder


def test_the_verdict_comes_first_and_the_bundle_is_found_by_its_digest(
    clips: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(clips), "--among", str(TINY.parent)]) == 0
    first, verdict, *rest = capsys.readouterr().out.splitlines()
    assert first.startswith("000001-flag   FRAME_FLAG")
    assert first.endswith("   20 frames")
    assert verdict == "  bit-identical: 20 answers"
    assert rest == []


def test_where_the_bundle_is_not_the_message_says_so(
    clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(clips), "--among", str(tmp_path)]) == 5
    assert "BUNDLE_NOT_FOUND: the recording is of dark-spots-1" in capsys.readouterr().err


def with_other_answers(clips: Path, folder: Path) -> Path:
    """A copy whose results are not what the engine gave; sealed again."""
    clip = Path(shutil.copytree(clips / "000001-flag", folder / "000001-flag"))
    results = (clip / "results.jsonl").read_bytes().replace(b'"track_id":0', b'"track_id":9')
    (clip / "results.jsonl").write_bytes(results)
    document = parse_document((clip / "recording.json").read_bytes())
    files = {**document.files, "results.jsonl": digest(results)}
    changed = dataclasses.replace(document, files=files)
    (clip / "recording.json").write_bytes(document_bytes(changed))
    return clip


def test_answers_that_differ_are_named_and_have_their_own_exit_code(
    clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = with_other_answers(clips, tmp_path)
    assert main(["replay", str(clip), "--bundle", str(TINY)]) == 3
    said = capsys.readouterr()
    assert "REPLAY_DIFFERS: " in said.err
    assert "DIFFERS: " in said.out
    assert "frame 0: regions[0].track_id 9 -> 0" in said.out
    assert main(["replay", str(clip), "--bundle", str(TINY), "--json"]) == 3
    (report,) = json.loads(capsys.readouterr().out)
    assert not report["bit_identical"]
    assert report["differing"][0]["differences"][0]["key"] == "regions[0].track_id"


def test_a_damaged_recording_has_its_token(
    clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = Path(shutil.copytree(clips / "000001-flag", tmp_path / "000001-flag"))
    next((clip / "pictures").glob("0*.png")).unlink()
    assert main(["replay", str(clip), "--bundle", str(TINY)]) == 2
    assert "INVALID_RECORDING: pictures/" in capsys.readouterr().err


def test_record_needs_a_live_session(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", str(TINY), "clip.avi", "--record", str(tmp_path / "clips")]
    assert main(words) == 2
    assert "give --live as well" in capsys.readouterr().err
    assert not (tmp_path / "clips").exists()
