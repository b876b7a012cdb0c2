"""What is made once is made once, whichever process comes first, and whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from once import made_once

ASK = """
import os, sys, time
from pathlib import Path
from once import made_once
def make(folder):
    time.sleep(0.2)
    (folder / "maker").write_text(str(os.getpid()))
print((made_once("deep/thing", make) / "maker").read_text())
"""


def test_processes_that_ask_at_once_get_what_one_of_them_made(tmp_path: Path) -> None:
    environment = os.environ | {
        "SONOEDGE_TESTS_SHARED": str(tmp_path),
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    asking = [
        subprocess.Popen(
            [sys.executable, "-c", ASK], env=environment, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    answers = {process.communicate()[0].strip() for process in asking}
    assert len(answers) == 1
    assert answers <= {str(process.pid) for process in asking}


def test_what_was_left_unfinished_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SONOEDGE_TESTS_SHARED", str(tmp_path))

    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        made_once("thing", fail)
    folder = made_once("thing", lambda folder: (folder / "whole").touch())
    assert [path.name for path in folder.iterdir()] == ["whole"]
    assert made_once("thing", fail) == folder


def test_the_folder_ends_with_the_process_that_made_it(tmp_path: Path) -> None:
    program = "import os; from once import share_folder; share_folder(); os.fork() or os._exit(0)"
    program = f"{program}\nprint(os.environ['SONOEDGE_TESTS_SHARED'])"
    environment = {k: v for k, v in os.environ.items() if k != "SONOEDGE_TESTS_SHARED"}
    environment |= {"PYTHONPATH": str(Path(__file__).parents[1]), "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert Path(done.stdout.strip()).parent == tmp_path
    assert list(tmp_path.iterdir()) == []
