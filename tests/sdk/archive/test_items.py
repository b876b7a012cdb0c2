"""What an archive's items are, whatever lies in it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from archive_samples import DONE, FAILED
from sonoedge.archive import items as module
from sonoedge.archive.items import Item, LeftOut, escaped, find_items
from sonoedge.errors import SourceError


def names(folder: Path, **asked: object) -> list[str]:
    return [item.name for item in find_items(folder, **asked)]  # type: ignore[arg-type]


def test_recordings_are_items_and_a_folders_pictures_are_one(archive: Path) -> None:
    left_out = LeftOut()
    found = [item.name for item in find_items(archive, left_out=left_out)]
    assert set(found) == DONE | FAILED.keys()
    assert found == names(archive)  # in an order of its own
    assert left_out.why == {"file of a kind that is not read": 1}


def test_many_pictures_of_a_folder_are_several_items(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PICTURES_PER_ITEM", 4)
    for number in range(10):
        (tmp_path / f"{number}.png").touch()
    found = list(find_items(tmp_path))
    assert [item.name for item in found] == ["[0:4]", "[4:8]", "[8:10]"]
    assert len({item.id for item in found}) == 3
    assert [p for item in found for p in item.pictures] == [f"{n}.png" for n in range(10)]


def test_links_are_not_followed_unless_asked_and_never_round(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "a.dcm").touch()
    (inside / "link.dcm").symlink_to(outside / "a.dcm")
    (inside / "folder").symlink_to(outside)
    (outside / "round").symlink_to(inside)
    left_out = LeftOut()
    assert list(find_items(inside, left_out=left_out)) == []
    assert left_out.why == {"link, which is not followed": 2}
    left_out = LeftOut()
    followed = [item.name for item in find_items(inside, follow=True, left_out=left_out)]
    assert followed == ["link.dcm", "folder/a.dcm"]
    assert left_out.why == {"link that goes round": 1}


def test_a_pipe_a_socket_and_a_hidden_file_are_no_items(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.dcm")
    (tmp_path / ".hidden.dcm").touch()
    left_out = LeftOut()
    assert list(find_items(tmp_path, left_out=left_out)) == []
    assert left_out.why["pipe, device or socket"] == 1


@pytest.mark.parametrize(
    "name", [b"a\nb.dcm", b"\xff\xfe.dcm", b"a\\b.dcm", "ö\u2028.dcm".encode()]
)
def test_odd_names_are_printable_and_survive_json(tmp_path: Path, name: bytes) -> None:
    (tmp_path / os.fsdecode(name)).touch()
    (found,) = find_items(tmp_path)
    assert found.name.isprintable()
    found.name.encode()  # valid UTF-8
    assert json.loads(json.dumps(found.name)) == found.name
    assert Item.from_json(found.to_json()) == found
    assert next(found.files(tmp_path)).exists()


def test_two_names_never_read_the_same() -> None:
    assert escaped("a\\x0a") != escaped("a\x0a")
    assert escaped("\udcff") != escaped("\xff")


def test_a_pattern_is_of_the_name_or_the_path(archive: Path) -> None:
    assert names(archive, glob="*.avi") == ["clip.avi"]
    assert names(archive, glob="more/*.dcm") == ["more/cut.dcm", "more/speckle.dcm"]


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is no folder"):
        list(find_items(tmp_path / "absent"))
