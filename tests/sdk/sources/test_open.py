"""sources/open.py: what a path is, and what is imported for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from sonoedge.errors import MissingDependency, SourceError
from sonoedge.sources import open_source


def test_nothing_at_the_path_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be opened: No such file or directory"):
        open_source(tmp_path / "nothing.png")


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


@pytest.mark.parametrize(
    ("name", "package", "extra"),
    [("a.dcm", "pydicom", "dicom"), ("a.mha", "SimpleITK", "metaimage")],
)
def test_a_missing_reader_is_said_with_the_command_that_installs_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    package: str,
    extra: str,
) -> None:
    (tmp_path / name).write_bytes(b"anything")
    monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
    monkeypatch.delitem(sys.modules, f"sonoedge.sources.{extra}", raising=False)
    with pytest.raises(MissingDependency, match=rf'pip install "sonoedge\[{extra}\]"'):
        open_source(tmp_path / name)


def test_dicom_is_known_by_its_mark_whatever_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "IM0001").write_bytes(bytes(128) + b"DICM")
    monkeypatch.setitem(sys.modules, "pydicom", None)
    monkeypatch.delitem(sys.modules, "sonoedge.sources.dicom", raising=False)
    with pytest.raises(MissingDependency):
        open_source(tmp_path / "IM0001")
