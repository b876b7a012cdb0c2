"""The reference network's own modules, importable as its programs import them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The tiny network's drawn frames have a module of the same name.
SHARED_NAMES = ("frames",)


@pytest.fixture
def reference(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder examples/reference, on the path."""
    folder = repository / "examples/reference"
    monkeypatch.syspath_prepend(folder)
    for name in SHARED_NAMES:
        sys.modules.pop(name, None)
    yield folder
    for name in SHARED_NAMES:
        sys.modules.pop(name, None)
