"""One build per compiler, for all tests here."""

from __future__ import annotations

import pytest

from c_reader import Reader, build_reader
from once import made_once


@pytest.fixture(scope="session", params=["gcc", "clang"], ids=str)
def reader(request: pytest.FixtureRequest) -> Reader:
    compiler: str = request.param
    folder = made_once(f"reader-{compiler}", lambda to: build_reader(compiler, to))
    return Reader(program=folder / f"drive-{compiler}")
