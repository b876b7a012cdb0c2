"""The frame path as a shared library, built once a session by each compiler."""

from __future__ import annotations

import ctypes

import pytest

from native_frame import built


@pytest.fixture(scope="session", params=["gcc", "clang"], ids=str)
def library(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> ctypes.CDLL:
    to = tmp_path_factory.mktemp("frame") / f"{request.param}.so"
    return ctypes.CDLL(str(built(request.param, to, "-shared", "-fPIC")))
