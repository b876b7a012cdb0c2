from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge_export.prune.folder_file import read_file, write_file


@dataclass(frozen=True, kw_only=True)
class Count:
    blocks: int


def test_what_is_written_is_read_and_nothing_else_is_left(tmp_path: Path) -> None:
    file = tmp_path / "count.json"
    write_file({"blocks": 2}, file)
    write_file({"blocks": 3}, file)
    assert read_file(Count, file) == Count(blocks=3)
    assert list(tmp_path.iterdir()) == [file]


def test_a_number_that_is_not_finite_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "count.json"
    write_file({"blocks": 2}, file)
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_file({"blocks": float("nan")}, file)
    assert read_file(Count, file) == Count(blocks=2)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"blo', r"count\.json is not valid JSON"),
        ("[]", r"count\.json must be a table of keys"),
        ('{"blocks": "2"}', r"count\.json\.blocks must be a whole number"),
        ('{"blocks": 2, "blocks": 3}', "stands twice"),
    ],
)
def test_a_damaged_file_is_refused_by_its_name_and_key(
    text: str, says: str, tmp_path: Path
) -> None:
    file = tmp_path / "count.json"
    file.write_text(text)
    with pytest.raises(InvalidSettings, match=says):
        read_file(Count, file)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match=r"count\.json cannot be read: No such file"):
        read_file(Count, tmp_path / "count.json")
