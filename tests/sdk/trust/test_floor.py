from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from sonoedge.errors import RollbackRefused, TrustError
from sonoedge.trust.floor import FileFloors
from sonoedge.trust.rollover import first_keyring


def test_a_floor_starts_at_zero_and_only_rises(tmp_path: Path) -> None:
    floors = FileFloors(tmp_path / "floors.json")
    assert floors.read("breast") == 0
    floors.raise_to("breast", 4)
    floors.raise_to("breast", 2)
    floors.raise_to("thyroid", 1)
    again = FileFloors(tmp_path / "floors.json")
    assert (again.read("breast"), again.read("thyroid")) == (4, 1)
    assert [p.name for p in tmp_path.iterdir()] == ["floors.json"]


def test_floors_that_are_raised_at_once_are_all_raised(tmp_path: Path) -> None:
    def raise_all(product: str) -> None:
        for version in range(1, 21):
            FileFloors(tmp_path / "floors.json").raise_to(product, version)

    names = [f"p{number}" for number in range(6)]
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(raise_all, names))
    floors = FileFloors(tmp_path / "floors.json")
    assert [floors.read(name) for name in names] == [20] * len(names)


def test_a_keyring_that_is_older_than_the_last_one_followed_is_refused(
    tmp_path: Path, sealed_keyring: Callable[..., bytes]
) -> None:
    first = first_keyring(sealed_keyring(["root-a"]), "v1")
    second = replace(first, version=2, floors={"breast": 3})
    floors = FileFloors(tmp_path / "floors.json")
    floors.follow(second)
    floors.follow(second)
    with pytest.raises(RollbackRefused, match="version 1, and this device has followed version 2"):
        floors.follow(first)
    assert floors.read("breast") == 3


@pytest.mark.req("R26")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"floors": {"breast": -1}}',
        '{"floors": {"breast": "4"}}',
        '{"floors": {"breast": true}}',
        '{"floors": {"breast": 4, "breast": 0}}',
        '{"keyring": -1}',
    ],
)
def test_a_damaged_file_is_an_error_and_never_a_floor_of_zero(tmp_path: Path, text: str) -> None:
    (tmp_path / "floors.json").write_text(text)
    with pytest.raises(TrustError):
        FileFloors(tmp_path / "floors.json").read("breast")


def test_a_floor_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TrustError, match="cannot be written"):
        FileFloors(tmp_path / "absent" / "floors.json").raise_to("breast", 1)


def test_floors_that_cannot_be_written_leave_the_old_ones_and_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    floors = FileFloors(tmp_path / "floors.json")
    floors.raise_to("breast", 4)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(TrustError, match="No space left"):
        floors.raise_to("breast", 5)
    assert floors.read("breast") == 4
    assert [p.name for p in tmp_path.iterdir()] == ["floors.json"]
