"""The modules of benchmarks/page, importable as their program imports them."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def page_modules(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder benchmarks/page, on the path."""
    monkeypatch.syspath_prepend(repository / "benchmarks/page")
