"""What a child process is started on, and with."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import sonoedge
from sonoedge.child_process import INTERPRETER, child_command, child_settings, interpreter
from sonoedge.device.gpu import probe_gpu
from sonoedge.errors import InvalidSettings, RuntimeUnavailable

TINY = Path(__file__).parents[1] / "data" / "tiny"


def test_it_is_the_interpreter_that_runs_this_program() -> None:
    assert interpreter() == sys.executable
    assert child_command("gpu probe")[0] == sys.executable


@pytest.mark.parametrize("name", ["python", "python3", "python3.11", "pypy3.10", "python3.13t"])
def test_interpreters_are_told_by_their_names(name: str) -> None:
    assert INTERPRETER.fullmatch(name)


@pytest.mark.parametrize(
    "change",
    [
        {"frozen": True},
        {"executable": "/opt/scanner/bin/viewer"},
        {"executable": ""},
        {"executable": None},
    ],
)
def test_a_frozen_or_embedding_program_is_not_started_again(
    change: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in change.items():
        monkeypatch.setattr(sys, name, value, raising=False)
    with pytest.raises(RuntimeUnavailable, match="python='/usr/bin/python3'"):
        sonoedge.live(TINY)
    assert "no Python interpreter" in str(probe_gpu())


def test_a_program_that_names_an_interpreter_has_its_worker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    python = sys.executable
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with sonoedge.live(TINY, python=python) as session:
        assert session.worker_pid is not None
        name = Path(f"/proc/{session.worker_pid}/exe").resolve()
    assert name == Path(python).resolve()


@pytest.mark.parametrize("python", ["/no/such/python", "", 3])
def test_an_interpreter_that_is_none_is_refused_at_once(python: object) -> None:
    with pytest.raises(InvalidSettings, match="no program that can be run"):
        sonoedge.live(TINY, python=python)  # type: ignore[arg-type]


def test_a_worker_works_in_a_folder_that_holds_nobodys_files() -> None:
    assert child_settings()["cwd"] == "/"
    with sonoedge.live(TINY) as session:
        assert Path(f"/proc/{session.worker_pid}/cwd").readlink() == Path("/")


def test_relative_places_to_import_from_are_found_from_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend("relative")
    places = child_settings()["env"]["PYTHONPATH"].split(os.pathsep)
    assert all(Path(place).is_absolute() for place in places)
    assert str(Path.cwd() / "relative") in places
