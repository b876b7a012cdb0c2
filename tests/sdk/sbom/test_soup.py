from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge.sbom.soup import joined, read_soup

PART: dict[str, Any] = {
    "kind": "pypi",
    "name": "numpy",
    "versions": ["2.4.6"],
    "manufacturer": "NumPy developers",
    "needed_for": "arrays",
    "needs": "glibc",
    "level_of_support": "actively maintained",
    "end_of_support": "unknown",
    "anomalies": "not looked at",
}
KNOWN: dict[str, Any] = {
    "id": "CVE-1",
    "source": "NVD",
    "part": "pkg:pypi/numpy",
    "versions": ["2.4.6"],
    "state": "resolved",
    "detail": "fixed",
    "judged": "2026-11-29",
}


def write(folder: Path, parts: list[Any], known: list[Any] | None = None) -> Path:
    file = folder / "soup.json"
    file.write_text(json.dumps({"parts": parts, "vulnerabilities": known or []}))
    return file


def test_an_entry_tells_which_versions_it_was_written_for(tmp_path: Path) -> None:
    entry = read_soup(write(tmp_path, [PART])).find("pypi", "NumPy")
    assert entry is not None
    assert entry.properties("2.4.6")["sonoedge:soup:needed_for"] == "arrays"
    assert "sonoedge:soup:not_assessed" not in entry.properties("2.4.6")
    assert "2.4.6" in entry.properties("2.5")["sonoedge:soup:not_assessed"]


@pytest.mark.parametrize(
    ("part", "known", "words"),
    [
        (PART | {"needs": " "}, None, "blank"),
        (PART | {"level_of_support": "good"}, None, "level_of_support"),
        (PART | {"unknown": 1}, None, "unknown"),
        (PART, KNOWN | {"state": "not_affected"}, "justification"),
        (PART, KNOWN | {"state": "exploitable"}, "response"),
        (PART, KNOWN | {"detail": ""}, "detail"),
        (PART, KNOWN | {"justification": "because"}, "justification"),
    ],
)
def test_an_entry_that_leaves_something_open_is_refused(
    tmp_path: Path, part: dict[str, Any], known: dict[str, Any] | None, words: str
) -> None:
    with pytest.raises(InvalidSettings, match=words):
        read_soup(write(tmp_path, [part], [] if known is None else [known]))


def test_a_part_listed_twice_and_a_file_that_is_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="twice"):
        read_soup(write(tmp_path, [PART, PART | {"name": "NUMPY"}]))
    with pytest.raises(InvalidSettings, match=r"absent\.json"):
        read_soup(tmp_path / "absent.json")


def test_what_a_user_writes_goes_before_what_we_write(tmp_path: Path) -> None:
    ours = read_soup(write(tmp_path, [PART, PART | {"name": "other"}], [KNOWN]))
    theirs = read_soup(write(tmp_path, [PART | {"needs": "more"}], [KNOWN | {"detail": "theirs"}]))
    both = joined(theirs, ours)
    assert [(p.name, p.needs) for p in both.parts] == [("numpy", "more"), ("other", "glibc")]
    assert [v.detail for v in both.vulnerabilities] == ["theirs"]


def test_a_library_of_the_devices_maker_is_known_by_its_name(tmp_path: Path) -> None:
    driver = PART | {"kind": "system", "name": "driver", "files": ["libcuda.so*"]}
    soup = read_soup(write(tmp_path, [driver, PART | {"files": ["libother.so"]}]))
    entry = soup.of_file("libcuda.so.1")
    assert entry is not None
    assert entry.name == "driver"
    assert soup.of_file("libother.so") is None
