from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge.outputs.own_inputs import check_not_input


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_one_file_by_two_names_is_found(tmp_path: Path, link: Callable[[Path, Path], None]) -> None:
    source, other = tmp_path / "frame.png", tmp_path / "other.png"
    source.write_bytes(b"1")
    link(source, other)
    with pytest.raises(InvalidSettings, match="--html would overwrite what is read"):
        check_not_input("--html", other, None, str(source))


@pytest.mark.parametrize("source", ["", "igtl://host", "a\0b", "x" * 5000, "loop"])
def test_what_is_no_file_is_left_to_those_that_open_it(tmp_path: Path, source: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    check_not_input("--html", tmp_path / "loop", source)
    check_not_input("--html", tmp_path / "new.html", str(tmp_path / source[:9].strip("\0")))
    check_not_input("--html", None, source)


@pytest.mark.parametrize("name", ["1.png", "2.dcm", "linked.jpg"])
def test_a_picture_of_a_folder_that_is_read_is_an_input(tmp_path: Path, name: str) -> None:
    (tmp_path / "1.png").write_bytes(b"1")
    (tmp_path / "2.dcm").write_bytes(b"2")
    (tmp_path / "linked.jpg").symlink_to("1.png")
    with pytest.raises(InvalidSettings, match="--jsonl would overwrite what is read"):
        check_not_input("--jsonl", tmp_path / name, str(tmp_path))


def test_results_beside_the_pictures_may_be_replaced(tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").write_text("{}\n")
    check_not_input("--jsonl", tmp_path / "results.jsonl", tmp_path)
    check_not_input("--overlay", tmp_path / "new.png", tmp_path)


@pytest.mark.parametrize("name", ["manifest.json", "golden/frame.png", "new.jsonl", "new/deep"])
def test_nothing_is_written_into_a_bundle(tmp_path: Path, name: str) -> None:
    bundle = tmp_path / "bundle"
    (bundle / "golden").mkdir(parents=True)
    (bundle / "manifest.json").write_text("{}")
    (tmp_path / "link").symlink_to("bundle")
    for folder in (bundle, tmp_path / "link"):
        with pytest.raises(InvalidSettings, match="--report lies in the bundle"):
            check_not_input("--report", bundle / name, folder)
    check_not_input("--report", tmp_path / "report.json", bundle)
