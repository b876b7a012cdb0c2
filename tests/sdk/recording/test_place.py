from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from sonoedge.durable import write_durably
from sonoedge.errors import InvalidSettings, OutputError
from sonoedge.recording.place import Place, clips


def keep(place: Place, size: int = 1000, kind: str = "flag") -> str:
    draft = place.draft()
    write_durably(draft / "file", b"x" * size, 0o600)
    return place.keep(draft, kind)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "clips"


def test_clips_are_numbered_on_over_sessions(folder: Path) -> None:
    first = Place(folder, 1 << 20)
    assert [keep(first), keep(first, kind="fault")] == ["000001-flag", "000002-fault"]
    first.close()
    assert keep(Place(folder, 1 << 20)) == "000003-flag"


def test_the_oldest_clips_make_room(folder: Path) -> None:
    place = Place(folder, 2500)
    for _ in range(4):
        keep(place)
    assert place.clips() == ["000003-flag", "000004-flag"]
    assert list((folder / "incoming").iterdir()) == []


def test_a_clip_that_is_larger_than_all_may_be_removes_none(folder: Path) -> None:
    place = Place(folder, 2500)
    keep(place)
    with pytest.raises(OutputError, match="raise disk_mb"):
        keep(place, 2501)
    assert place.clips() == ["000001-flag"]


def test_another_session_is_refused_until_the_first_has_ended(folder: Path) -> None:
    place = Place(folder, 1 << 20)
    with pytest.raises(InvalidSettings, match="another session records"):
        Place(folder, 1 << 20)
    place.close()
    place.close()
    Place(folder, 1 << 20).close()


def test_what_a_killed_session_left_goes_at_the_next_start(folder: Path) -> None:
    place = Place(folder, 1 << 20)
    (place.draft() / "half").write_bytes(b"x")
    os.close(place._lock)  # as the kernel does
    other = Place(folder, 1 << 20)
    assert list((folder / "incoming").iterdir()) == []
    assert other.clips() == []


def test_folders_are_for_their_owner_alone(folder: Path) -> None:
    keep(Place(folder, 1 << 20))
    for path in (folder, folder / "000001-flag", folder / "incoming"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_what_is_no_clip_is_neither_counted_nor_removed(folder: Path) -> None:
    place = Place(folder, 1500)
    (folder / "notes").mkdir()
    (folder / "1-flag").mkdir()
    keep(place)
    keep(place)
    assert clips(folder) == ["000002-flag"]
    assert (folder / "notes").is_dir()


def test_a_folder_that_cannot_be_written_is_refused_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="cannot record into"):
        Place(tmp_path / "file" / "clips", 1 << 20)
