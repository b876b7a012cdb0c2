"""sources/child/reader.py: readers that crash, hang and refuse, in a process of their own."""

from __future__ import annotations

import contextlib
import shutil
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from sonoedge.errors import (
    MissingDependency,
    SourceCrashed,
    SourceError,
)
from sonoedge.frames import FrameMeta
from sonoedge.sources import open_source
from sonoedge.sources.child.limits import Limits
from sonoedge.sources.child.reader import ChildReader, isolated
from sonoedge.sources.picture import Picture


def play(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_what_a_reader_gives_crosses_unchanged(
    tmp_path: Path, reader: str, child: ChildReader
) -> None:
    contents = child.open(reader, play(tmp_path / "f", "read nothing"))
    assert (contents.name, contents.count, contents.fps, contents.times) == ("f", 3, 2.5, "own")
    first, second, third = contents.pictures()
    assert (first.time_s, first.captured_ns, first.stamped) == (0.5, 7, True)
    assert (first.spacing_mm, first.roi_px) == ((0.2, 0.1), (0, 1, 5, 4))
    assert first.pixel_aspect == 1.5
    assert first.meta == FrameMeta(probe="L12", depth_mm=50.0, frozen=True, file="f")
    assert (first.pixels == 1).all()
    assert np.array_equal(second.pixels, np.arange(72, dtype=np.uint8).reshape(4, 6, 3)[:, ::-1])
    assert (third.pixels == 3).all()
    assert third.time_s is third.spacing_mm is third.roi_px is third.captured_ns is None
    assert all(p.pixels.flags.writeable and p.pixels.flags.c_contiguous for p in (first, second))


@pytest.mark.req("R37")
@pytest.mark.parametrize("when", ["open", "read"])
@pytest.mark.parametrize(
    ("what", "how"),
    [("abort", "SIGABRT"), ("segfault", "SIGSEGV"), ("exit", "exit code 7")],
)
def test_a_file_that_kills_its_decoder_is_a_typed_error(
    tmp_path: Path, reader: str, child: ChildReader, when: str, what: str, how: str
) -> None:
    file = play(tmp_path / "f.dcm", f"{when} {what}")
    pictures: list[Picture] = []
    with pytest.raises(SourceCrashed, match=rf"^f\.dcm cannot be decoded: .*{how}; is it damaged"):
        pictures.extend(child.open(reader, file).pictures())
    assert SourceCrashed.exit_code == SourceError.exit_code


def test_pictures_before_the_crash_are_given(
    tmp_path: Path, reader: str, child: ChildReader
) -> None:
    pictures = child.open(reader, play(tmp_path / "f", "read abort")).pictures()
    assert (next(pictures).pixels == 1).all()
    with pytest.raises(SourceCrashed):
        next(pictures)


@pytest.mark.req("R37")
@pytest.mark.parametrize("when", ["open", "read"])
def test_a_file_that_hangs_its_decoder_is_given_up(tmp_path: Path, reader: str, when: str) -> None:
    limits = Limits(open_s=5 if when == "open" else 60, picture_s=1)
    with (
        ChildReader(limits) as child,
        pytest.raises(SourceCrashed, match=r"f took longer than . s (to open|for one picture)"),
    ):
        list(child.open(reader, play(tmp_path / "f", f"{when} sleep")).pictures())


def test_what_a_reader_raises_is_raised_here(
    tmp_path: Path, reader: str, child: ChildReader
) -> None:
    with pytest.raises(MissingDependency, match="pip install x"):
        child.open(reader, play(tmp_path / "f", "open missing"))
    with pytest.raises(SourceError, match="a picture of cats"):
        list(child.open(reader, play(tmp_path / "f", "read refuse")).pictures())


def test_one_process_serves_many_files_and_is_started_anew_after_a_crash(
    tmp_path: Path, reader: str, child: ChildReader
) -> None:
    good, bad = play(tmp_path / "g", "read nothing"), play(tmp_path / "b", "read abort")
    pids = []
    for file in (good, good, bad, good):
        with contextlib.suppress(SourceCrashed):
            list(child.open(reader, file).pictures())
        assert child._process is not None
        pids.append(child._process.pid)
    assert pids[0] == pids[1] == pids[2]
    assert pids[3] != pids[2]


def test_pictures_can_be_read_again_after_they_were_left_in_the_middle(
    tmp_path: Path, reader: str, child: ChildReader
) -> None:
    contents = child.open(reader, play(tmp_path / "f", "read nothing"))
    first = contents.pictures()
    next(first)
    first.close()
    assert len(list(contents.pictures())) == 3
    assert len(list(contents.pictures())) == 3


def test_a_source_may_be_opened_by_one_thread_and_read_by_another(
    tmp_path: Path, reader: str
) -> None:
    opened = []
    thread = threading.Thread(
        target=lambda: opened.append(isolated(reader, play(tmp_path / "f", "read nothing")))
    )
    thread.start()
    thread.join()
    assert len(list(opened[0].pictures())) == 3


@pytest.mark.req("R37")
def test_a_file_that_kills_gdcm_does_not_kill_the_host(repository: Path) -> None:
    pytest.importorskip("gdcm", reason="needs gdcm, which the file kills")
    pytest.importorskip("pydicom", reason="needs the extra dicom")
    killer = repository / "tests/data/sources/kills_gdcm.dcm"
    with pytest.raises(SourceCrashed, match=r"kills_gdcm\.dcm cannot be decoded: .*SIGABRT"):
        list(open_source(killer))


def test_in_a_folder_a_killer_costs_one_frame(repository: Path, tmp_path: Path) -> None:
    pytest.importorskip("gdcm", reason="needs gdcm, which the file kills")
    pytest.importorskip("pydicom", reason="needs the extra dicom")
    for name in ("a.png", "c.png"):
        cv2.imwrite(str(tmp_path / name), np.full((8, 8), 90, dtype=np.uint8))
    shutil.copy(repository / "tests/data/sources/kills_gdcm.dcm", tmp_path / "b.dcm")
    with open_source(tmp_path, continue_on_error=True) as source:
        frames = list(source)
    assert [frame.meta.file for frame in frames] == ["a.png", "b.dcm", "c.png"]
    assert [frame.meta.invalid is None for frame in frames] == [True, False, True]
    assert "SIGABRT" in (frames[1].meta.invalid or "")
