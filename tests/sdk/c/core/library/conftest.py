"""The library, built once."""

from __future__ import annotations

import ctypes

import pytest

from native_library import built


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    return built(tmp_path_factory.mktemp("native"))
