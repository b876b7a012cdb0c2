"""The commands of docs/how-to/audit.md, one after the other, and what they say when a log is not
what was written."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from sonoedge.audit import parse_anchor, record_update
from sonoedge.cli import main

ROOT = Path(__file__).parents[3]
TINY = ROOT / "tests" / "data" / "tiny"
GUIDE = (ROOT / "docs" / "how-to" / "audit.md").read_text()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def log(place: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["audit", "init", "log", "--key-out", "log.key"]) == 0
    record_update("log", "install", "ab" * 32, passed=True)
    capsys.readouterr()
    return place / "log"


def test_every_command_of_the_guide_does_what_it_says(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    shutil.copy(TINY / "golden" / "frame000.png", place / "scan.png")
    commands = re.findall(r"^sonoedge (.*)$", GUIDE, flags=re.MULTILINE)
    assert [c.split()[0:2] for c in commands] == [
        ["audit", "init"],
        ["run", "BUNDLE"],
        ["audit", "head"],
        ["audit", "verify"],
    ]
    anchor = ended = ""
    for command in commands:
        text = command.replace("/var/lib/sonoedge/audit", "audit").replace("BUNDLE", str(TINY))
        text = text.replace("scan.mp4", "scan.png").replace("ANCHOR", anchor)
        assert main(text.split()) == 0, command
        out = capsys.readouterr().out
        if "run" in command:
            (ended,) = re.findall(r"audit.head +(\S+)", out)
        if "head" in command:
            anchor = out.strip()
            assert ended == anchor  # not one record of the session comes after
            assert str(parse_anchor(anchor)) == anchor
    assert "all of the device's" in out
    assert "end        at the anchor, or beyond" in out
    key = (place / "cart-17.key").read_text()
    assert len(key.strip()) == 64
    assert (place / "cart-17.key").stat().st_mode & 0o777 == 0o600


def test_the_key_is_shown_once_where_no_file_is_named(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "init", "log"]) == 0
    key = re.findall(r"first key  ([0-9a-f]{64})", capsys.readouterr().out)[0]
    assert main(["audit", "verify", "log", "--key", key]) == 0
    assert main(["audit", "init", "log"]) == 2
    assert "is not empty" in capsys.readouterr().err


def test_a_key_is_never_overwritten_and_then_no_log_is_begun(place: Path) -> None:
    (place / "log.key").write_text("another log's")
    assert main(["audit", "init", "log", "--key-out", "log.key"]) == 2
    assert (place / "log.key").read_text() == "another log's"
    assert not (place / "log").exists()


def test_a_changed_log_ends_with_three(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = log / "audit-00000000.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"passed":true', b'"passed":false'))
    assert main(["audit", "verify", "log"]) == 3
    assert "AUDIT_BROKEN" in capsys.readouterr().err
    assert main(["audit", "head", "log"]) == 3


def test_a_cut_log_and_another_key_end_with_three(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "verify", "log", "--at-least", "9"]) == 3
    assert "was cut" in capsys.readouterr().err
    assert main(["audit", "verify", "log", "--key", "07" * 32]) == 3
    assert "the key is another log's" in capsys.readouterr().err


def test_a_log_whose_files_are_gone_is_broken_where_an_anchor_says_that_it_was(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in log.iterdir():
        file.unlink()
    assert main(["audit", "verify", "log", "--at-least", "1"]) == 3
    assert "AUDIT_BROKEN: log holds no log, and record 1 was in one" in capsys.readouterr().err
    assert main(["audit", "verify", "log"]) == 2


def test_what_was_not_checked_is_said(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "verify", "log"]) == 0
    out = capsys.readouterr().out
    assert "not checked: give --key" in out
    assert "not checked: give --at-least" in out


def test_json_is_for_programs(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "verify", "log", "--json", "--key", "log.key"]) == 0
    verified = json.loads(capsys.readouterr().out)
    assert (verified["first"], verified["last"], verified["seals_checked"]) == (0, 3, True)
    assert main(["audit", "head", "log", "--json"]) == 0
    head = json.loads(capsys.readouterr().out)
    assert (head["seq"], head["hash"], head["seal"]) == (3, verified["hash"], verified["seal"])


@pytest.mark.parametrize(
    "words",
    [
        ["verify", "absent"],
        ["head", "."],
        ["verify", "log", "--key", "no key"],
        ["verify", "log", "--at-least", "x"],
        ["init", "a/b/c"],
    ],
)
def test_bad_input_is_a_setting_s_or_an_outputs_error(log: Path, words: list[str]) -> None:
    assert main(["audit", *words]) == 2


def test_a_key_that_cannot_be_used_says_whether_its_file_is_there_and_is_not_shown(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "verify", "log", "--key", "07" * 31]) == 2
    err = capsys.readouterr().err
    assert "no file has this name" in err
    assert "0707" not in err
    (log.parent / "empty.key").touch()
    assert main(["audit", "verify", "log", "--key", "empty.key"]) == 2
    assert "empty.key holds none" in capsys.readouterr().err


def test_a_live_run_ends_with_an_anchor_that_its_log_keeps_to(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    picture = str(TINY / "golden" / "frame000.png")
    words = ["run", str(TINY), picture, "--live", "--json"]
    assert main([*words, "--audit", "log"]) == 0
    anchor = json.loads(capsys.readouterr().out)["audit_head"]
    assert main(["audit", "verify", "log", "--key", "log.key", "--at-least", anchor]) == 0
    assert "at the anchor, or beyond" in capsys.readouterr().out
    assert main(words) == 0
    assert "audit_head" not in json.loads(capsys.readouterr().out)


def test_audit_is_for_live_runs(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = str(TINY / "golden" / "frame000.png")
    assert main(["run", str(TINY), picture, "--audit", "log"]) == 2
    assert "give --live as well" in capsys.readouterr().err


def test_a_log_whose_key_cannot_be_written_is_removed_by_its_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "my log"
    assert main(["audit", "init", str(folder), "--key-out", str(tmp_path / "nowhere/key")]) != 0
    assert f"remove '{folder}' and begin again" in " ".join(capsys.readouterr().err.split())
