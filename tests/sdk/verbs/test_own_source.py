from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge.verbs.own_source import check_not_source


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_one_file_by_two_names_is_found(tmp_path: Path, link: Callable[[Path, Path], None]) -> None:
    source, other = tmp_path / "frame.png", tmp_path / "other.png"
    source.write_bytes(b"1")
    link(source, other)
    with pytest.raises(InvalidSettings, match="--html would overwrite"):
        check_not_source("--html", other, str(source))


@pytest.mark.parametrize("source", ["", "igtl://host", "a\0b", "x" * 5000, "loop"])
def test_what_is_no_file_is_left_to_those_that_open_it(tmp_path: Path, source: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    check_not_source("--html", tmp_path / "loop", source)
    check_not_source("--html", tmp_path / "new.html", str(tmp_path / source[:9].strip("\0")))
    check_not_source("--html", None, source)
