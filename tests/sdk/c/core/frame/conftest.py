"""The frame path as a shared library, built once a run."""

from __future__ import annotations

import ctypes

import pytest

from native_frame import built
from once import made_once


@pytest.fixture(scope="session")
def library() -> ctypes.CDLL:
    folder = made_once("frame", lambda to: built("gcc", to / "frame.so", "-shared", "-fPIC"))
    return ctypes.CDLL(str(folder / "frame.so"))
