"""These tests are about tracing: each network is traced where its test says so."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def traced() -> None:
    """In place of what the tests beside these share."""
