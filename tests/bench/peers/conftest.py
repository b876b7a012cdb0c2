"""The modules of benchmarks/peers, importable as their program imports them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The tiny network's drawn frames, and the reference network's, have a module of the same name.
SHARED_NAMES = ("frames",)


@pytest.fixture
def peer_modules(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder benchmarks/peers, on the path."""
    pytest.importorskip("torch", reason="the network is torch's")
    pytest.importorskip("scipy", reason="figures are made by SciPy")
    folder = repository / "benchmarks/peers"
    monkeypatch.syspath_prepend(folder)
    for name in SHARED_NAMES:
        sys.modules.pop(name, None)
    yield folder
    for name in SHARED_NAMES:
        sys.modules.pop(name, None)
