"""Shared by all tests: where the data is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def repository() -> Path:
    """The repository's root."""
    return REPOSITORY


@pytest.fixture(scope="session")
def development_data() -> Path:
    """The folder of development data, which is not part of the repository."""
    folder = Path(os.environ.get("SONOEDGE_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("development data is absent; set SONOEDGE_DATA to its folder")
    return folder
