"""What once broke a reader: found/NAME holds the inputs of the entry point NAME."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from fuzz.scratch import scratch
from fuzz.table import load

pytest.importorskip("onnx", reason="needs the extra export")

FOUND = Path(__file__).parent / "found"
FILES = sorted(file for file in FOUND.rglob("*") if file.is_file())


@pytest.fixture(autouse=True)
def folder() -> Iterator[None]:
    with scratch():
        yield


@pytest.mark.req("R40")
@pytest.mark.parametrize("file", FILES, ids=lambda f: f.relative_to(FOUND).as_posix())
def test_what_once_broke_a_reader_is_refused_or_read(file: Path) -> None:
    point = load(file.parent.name)
    with contextlib.suppress(point.tolerated):
        point.attack(file.read_bytes())
