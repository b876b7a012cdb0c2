"""One build per compiler, for all tests here."""

from __future__ import annotations

import pytest

from c_reader import Reader, build_reader


@pytest.fixture(scope="session", params=["gcc", "clang"], ids=str)
def reader(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    return build_reader(request.param, tmp_path_factory.mktemp("reader"))
