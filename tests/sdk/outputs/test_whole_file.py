from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sonoedge.errors import OutputError
from sonoedge.outputs.whole_file import write_whole


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    for text in (b"{}\n", b"[1]\n"):
        write_whole("the report", file, text)
        assert file.read_bytes() == text
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "2026").mkdir()
    file, link = tmp_path / "2026/report.json", tmp_path / "newest.json"
    file.write_bytes(b"old")
    link.symlink_to(file)
    write_whole("the report", link, b"new")
    assert link.is_symlink()
    assert file.read_bytes() == b"new"


def test_a_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_whole("the report", pipe, b"all of it")
    reader.join(10)
    assert read == [b"all of it"]
    assert pipe.is_fifo()


def test_what_dev_stdout_stands_for_is_added_to(tmp_path: Path) -> None:
    file = tmp_path / "all.txt"
    script = (
        "from pathlib import Path; from sonoedge.outputs.whole_file import write_whole\n"
        "write_whole('the report', Path('/dev/stdout'), b'report\\n'); print('done')"
    )
    with file.open("wb") as out:
        subprocess.run([sys.executable, "-c", script], stdout=out, check=True)
    assert file.read_text() == "report\ndone\n"
    assert subprocess.check_output([sys.executable, "-c", script]) == b"report\ndone\n"
    assert Path("/dev/stdout").is_symlink()


def test_what_cannot_be_written_is_said_and_the_old_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "report.json"
    file.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"the report cannot be written \(No space left"):
        write_whole("the report", file, b"new")
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_links_that_go_round_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(OutputError, match="the report cannot be written"):
        write_whole("the report", tmp_path / "a", b"new")
