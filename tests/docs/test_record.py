"""What the pages on recordings show is run, or compared with the code."""

from __future__ import annotations

import dataclasses
import re
import shlex
import shutil
from pathlib import Path

import cv2
import pytest

from sample_recordings.session import picture
from sonoedge.cli import main
from sonoedge.recording.document import Document
from sonoedge.recording.rows import Row
from sonoedge.recording.trigger import FAULTS


@pytest.fixture
def place(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a bundle and a clip of two seconds."""
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    monkeypatch.chdir(tmp_path)
    shutil.copytree(repository / "tests/data/tiny", tmp_path / "bundle")
    writer = cv2.VideoWriter(
        str(tmp_path / "clip.avi"), cv2.VideoWriter_fourcc(*"MJPG"), 30, (160, 120)
    )
    for number in range(40):
        writer.write(cv2.cvtColor(picture(number % 40), cv2.COLOR_GRAY2BGR))
    writer.release()
    return tmp_path


def test_the_guides_commands_run_one_after_the_other(
    place: Path, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    guide = (repository / "docs/how-to/record.md").read_text()
    typed = [
        line
        for block in re.findall(r"```sh\n(.*?)```", guide, re.DOTALL)
        for line in block.splitlines()
    ]
    assert [line.split()[1] for line in typed] == ["run", "replay", "replay"]
    for line in typed:
        words = shlex.split(line.replace("NEXT_BUNDLE", "bundle").replace("BUNDLE", "bundle"))[1:]
        assert main(words) == 0, line
    said = capsys.readouterr()
    assert "frames may show patients" in said.err
    assert said.out.count("bit-identical") == 2
    assert (place / "clips" / "000001-flag" / "recording.json").is_file()


def test_the_guides_program_runs(place: Path, repository: Path) -> None:
    guide = (repository / "docs/how-to/record.md").read_text()
    (program,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    exec(compile(program, "record.md", "exec"), {})
    assert (place / "clips" / "incoming").is_dir()


def keys(repository: Path, heading: str) -> set[str]:
    page = (repository / "docs/reference/recording.md").read_text()
    section = page.split(f"## {heading}\n")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {key for cell in cells for key in re.findall(r"`(\w+)`", cell)}


def test_the_reference_names_every_key(repository: Path) -> None:
    document = {field.name for field in dataclasses.fields(Document)}
    assert keys(repository, "recording.json") == document | {"sha256"}
    assert keys(repository, "frames.jsonl") == {field.name for field in dataclasses.fields(Row)}


def test_the_reference_names_every_fault_that_triggers(repository: Path) -> None:
    page = (repository / "docs/reference/recording.md").read_text()
    assert [reason.value for reason in FAULTS if f"`{reason.value}`" not in page] == []
