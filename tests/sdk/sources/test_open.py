"""sources/open.py: what a path is, and what is imported for it."""

from __future__ import annotations

import gc
import os
import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from sonoedge.errors import InvalidSettings, MissingDependency, SourceError
from sonoedge.install import install_command
from sonoedge.sources import open_source


def test_nothing_at_the_path_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be opened: No such file or directory"):
        open_source(tmp_path / "nothing.png")


def test_an_empty_name_is_not_the_folder_that_one_is_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((2, 2), dtype=np.uint8))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceError, match="the source's name is empty"):
        open_source("")


def test_a_kind_that_is_not_read_is_refused_with_what_is(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(SourceError, match=r"notes\.txt is of no kind that is read.*\.mha.*\.png"):
        open_source(tmp_path / "notes.txt")


def test_text_and_path_are_the_same(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((2, 2), dtype=np.uint8))
    assert open_source(str(tmp_path / "a.png")).count == open_source(tmp_path / "a.png").count == 1


def in_a_fresh_process(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}\n{code}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_sources_loads_no_optional_reader() -> None:
    loaded = in_a_fresh_process(
        "import sonoedge.sources; print([m for m in ('pydicom', 'SimpleITK') if m in sys.modules])"
    )
    assert loaded == "[]"


def test_a_missing_reader_is_said_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.dcm").write_bytes(b"anything")
    monkeypatch.setitem(sys.modules, "pydicom", None)  # as if it were not installed
    monkeypatch.delitem(sys.modules, "sonoedge.sources.formats.dicom", raising=False)
    with pytest.raises(MissingDependency, match=re.escape(install_command("dicom"))):
        open_source(tmp_path / "a.dcm", isolation="none")


def test_a_missing_reader_is_said_by_the_process_that_lacks_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pydicom.py").write_text("raise ModuleNotFoundError('gone', name='pydicom')")
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "a.dcm").write_bytes(b"anything")
    with pytest.raises(MissingDependency, match=re.escape(install_command("dicom"))):
        open_source(tmp_path / "a.dcm")


def test_dicom_is_known_by_its_mark_whatever_the_name(tmp_path: Path) -> None:
    (tmp_path / "IM0001").write_bytes(bytes(128) + b"DICM")
    with pytest.raises(SourceError, match=r"^IM0001 .*DICOM"):
        open_source(tmp_path / "IM0001")


@pytest.mark.parametrize(
    ("spec", "hint"),
    [
        ("0", "a camera is read as /dev/video0"),
        ("rtsp://10.0.0.7/live", r"addresses \(rtsp://\) are not read"),
        ("https://example.org/a.mp4", r"addresses \(https://\) are not read"),
    ],
)
def test_what_is_no_path_is_refused_with_what_was_meant(spec: str, hint: str) -> None:
    with pytest.raises(SourceError, match=hint):
        open_source(spec)


@pytest.mark.parametrize(
    ("name", "remedy"), [("a.nrrd", "save it as MetaImage"), ("a.nii.gz", "unpack it")]
)
def test_formats_that_people_try_are_refused_by_name(
    tmp_path: Path, name: str, remedy: str
) -> None:
    (tmp_path / name).write_bytes(b"anything")
    with pytest.raises(SourceError, match=rf"{name}: .*{remedy}"):
        open_source(tmp_path / name)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.png")
    with pytest.raises(SourceError, match=r"a\.png is no ordinary file"):
        open_source(tmp_path / "a.png")


def test_a_path_that_cannot_be_one_is_refused() -> None:
    with pytest.raises(SourceError, match="it is no path"):
        open_source("a\0b.png")


def test_an_isolation_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="use one of process, none"):
        open_source(tmp_path, isolation="thread")  # type: ignore[arg-type]


def test_a_source_that_is_refused_leaves_no_process(tmp_path: Path) -> None:
    assert cv2.imwritemulti(str(tmp_path / "a.tif"), [np.zeros((2, 2), dtype=np.uint8)])
    with pytest.raises(InvalidSettings, match="positive"):
        open_source(tmp_path / "a.tif", fps=0)
    gc.collect()  # a process left behind would warn here
