"""The frame path as a shared library, built once a session."""

from __future__ import annotations

import ctypes

import pytest

from native_frame import built


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    to = tmp_path_factory.mktemp("frame") / "frame.so"
    return ctypes.CDLL(str(built("gcc", to, "-shared", "-fPIC")))
