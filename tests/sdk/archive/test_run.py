"""A whole screening: each item exactly one part, the same bytes whatever happens."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from archive_samples import (
    DONE,
    FAILED,
    HOSPITAL,
    parts_of,
    request,
    write_archive,
    write_hospital,
    write_many,
)
from sonoedge.archive.item_process import ItemProcess
from sonoedge.archive.items import Item
from sonoedge.archive.outcome import Done
from sonoedge.archive.parts import read_end
from sonoedge.archive.run import screen
from sonoedge.errors import BundleNotFound, InvalidSettings, ScreeningStopped, SourceError


def outcomes(out: Path) -> dict[str, str]:
    ends = [read_end(part) for part in (out / "parts").rglob("*.jsonl")]
    assert all(end is not None for end in ends)
    return {end["file"]: end["outcome"] for end in ends if end is not None}


def test_each_item_has_exactly_one_part_that_says_what_became_of_it(screened: Path) -> None:
    found = outcomes(screened)
    assert found == dict.fromkeys(DONE, "DONE") | FAILED
    assert len(parts_of(screened)) == len(found)


@pytest.mark.req("R73")
@pytest.mark.parametrize("workers", [2, 4])
def test_the_parts_are_the_same_whatever_the_workers(
    archive: Path, screened: Path, tmp_path: Path, workers: int
) -> None:
    busy = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"])
        for _ in range(2 if workers == 2 else 0)
    ]
    try:
        screen(request(archive, tmp_path / "out", workers=workers))
    finally:
        for process in busy:
            process.kill()
            process.wait()
    assert parts_of(tmp_path / "out") == parts_of(screened)


def test_a_second_run_makes_nothing_anew_and_failed_items_only_if_asked(
    archive: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    asked = request(archive, out)
    first = screen(asked)
    assert (first.status["items"], first.status["kept"], first.failed) == (8, 0, 3)
    assert first.status["left_out"] == {"file of a kind that is not read": 1}
    before = {path: path.stat().st_ino for path in (out / "parts").rglob("*.jsonl")}
    second = screen(asked)
    assert (second.status["kept"], second.status["frames"], second.failed) == (8, 0, 3)
    assert before == {path: path.stat().st_ino for path in (out / "parts").rglob("*.jsonl")}
    again = screen(request(archive, out, retry_failed=True))
    assert (again.status["kept"], again.failed) == (5, 3)


@pytest.mark.parametrize("glob", [None, "*.nope"])
def test_an_archive_without_an_item_is_no_success(
    archive: Path, tmp_path: Path, glob: str | None
) -> None:
    """A share that is not mounted is an empty folder."""
    (tmp_path / "empty").mkdir()
    asked = request(tmp_path / "empty" if glob is None else archive, tmp_path / "out", glob=glob)
    with pytest.raises(SourceError, match="holds nothing that is read") as error:
        screen(asked)
    assert ("it is empty" if glob is None else "11 x not matched by --glob") in str(error.value)


@pytest.mark.req("R73")
def test_a_run_that_was_killed_goes_on_and_comes_to_the_same(
    tmp_path: Path, repository: Path
) -> None:
    archive = write_many(tmp_path / "archive", 12)
    screen(request(archive, tmp_path / "reference"))
    out = tmp_path / "out"
    script = (
        "from pathlib import Path; from archive_samples import request;"
        "from sonoedge.archive.run import screen;"
        f"screen(request(Path({str(archive)!r}), Path({str(out)!r})))"
    )
    path = os.pathsep.join([str(repository / "tests"), *(p for p in sys.path if p)])
    process = subprocess.Popen(
        [sys.executable, "-c", script], env=os.environ | {"PYTHONPATH": path}
    )
    while not any(out.rglob("*.jsonl")) or not any((out / "parts").rglob("*.jsonl")):
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert 0 < len(parts_of(out)) < 12
    screen(request(archive, out))
    found = {name: data for name, data in parts_of(out).items() if ".tmp-" not in name}
    assert found == parts_of(tmp_path / "reference")


def test_trusted_times_spare_the_reading_until_a_file_changes(tmp_path: Path) -> None:
    archive = write_many(tmp_path / "archive", 3)
    asked = request(archive, tmp_path / "out", trust_mtime=True)
    screen(asked)
    path = archive / "0001.dcm"
    state, data = path.stat(), path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert screen(asked).status["kept"] == 3  # as it was asked: the size and the time are the same
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    assert screen(asked).status["kept"] == 2
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert screen(request(archive, tmp_path / "out")).status["kept"] == 3


def test_other_settings_are_refused_and_change_nothing(archive: Path, tmp_path: Path) -> None:
    screen(request(archive, tmp_path / "out", glob="clip.avi"))
    before = parts_of(tmp_path / "out")
    with pytest.raises(InvalidSettings, match="follow_links True in place of False"):
        screen(request(archive, tmp_path / "out", follow=True))
    assert parts_of(tmp_path / "out") == before


def test_a_full_disk_stops_it_and_it_goes_on_afterwards(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "archive")
    out = tmp_path / "out"
    screen(request(archive, out, glob="clip.avi"))
    for folder in (out / "parts").iterdir():
        assert folder.is_dir()
    blocked = [out / "parts" / f"{n:02x}" for n in range(256)]
    for folder in blocked:
        if not folder.exists():
            folder.write_text("no room")
    with pytest.raises(ScreeningStopped, match="a part cannot be written"):
        screen(request(archive, out))
    assert json.loads((out / "status.json").read_text())["state"] == "stopped"
    for folder in blocked:
        if folder.is_file():
            folder.unlink()
    assert screen(request(archive, out)).status["items"] == 8
    assert not any(".tmp-" in name for name in parts_of(out))


def test_a_part_that_does_not_fit_stops_it_with_no_half_of_it_and_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel refuses to let a file grow, as on a disk that is full after the first part."""
    archive = write_many(tmp_path / "archive", 4)
    screen(request(archive, tmp_path / "reference"))
    out, real = tmp_path / "out", ItemProcess.screen

    def fill(process: ItemProcess, item: Item) -> Done:
        done = real(process, item)
        assert process.pid is not None
        _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (2_000, hard))
        return done

    monkeypatch.setattr(ItemProcess, "screen", fill)
    with pytest.raises(ScreeningStopped, match="a part cannot be written: File too large") as error:
        screen(request(archive, out))
    assert error.value.exit_code == 4
    ((name, data),) = parts_of(out).items()  # the first one, and no draft
    wanted = parts_of(tmp_path / "reference")
    assert len(data) > 2_000
    assert data == wanted[name]
    monkeypatch.undo()
    screen(request(archive, out))
    assert parts_of(out) == wanted


def test_a_hospitals_items_give_the_same_bytes_whatever_the_workers(tmp_path: Path) -> None:
    archive = write_hospital(tmp_path / "archive")
    for workers in (1, 2, 4):
        done = screen(request(archive, tmp_path / str(workers), workers=workers))
        assert done.status["outcomes"] == HOSPITAL
    wanted = parts_of(tmp_path / "1")
    assert len(wanted) == sum(HOSPITAL.values())
    assert parts_of(tmp_path / "2") == parts_of(tmp_path / "4") == wanted


def test_two_screenings_do_not_write_into_one_folder(archive: Path, tmp_path: Path) -> None:
    from sonoedge.archive.run import _alone

    (tmp_path / "out").mkdir()
    with _alone(tmp_path / "out"), pytest.raises(InvalidSettings, match="another screening"):
        screen(request(archive, tmp_path / "out"))


def test_a_bundle_that_is_none_is_its_own_error(archive: Path, tmp_path: Path) -> None:
    asked = request(archive, tmp_path / "out")
    missing = replace(asked, job=replace(asked.job, bundle=str(tmp_path / "absent")))
    with pytest.raises(BundleNotFound):
        screen(missing)


def test_an_error_that_names_no_cause_is_named_by_its_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise TimeoutError

    monkeypatch.setattr("sonoedge.archive.run._screen", fail)
    with pytest.raises(ScreeningStopped, match="out cannot be written: TimeoutError; mend"):
        screen(request(tmp_path, tmp_path / "out"))
