"""The tiny bundle's manifest, and changed ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sonoedge.bundle import Manifest
from sonoedge.bundle.identity import manifest_text
from sonoedge.bundle.parse import parse

TINY = Path(__file__).parents[2] / "data" / "tiny" / "manifest.json"


@pytest.fixture
def manifest() -> Callable[..., Manifest]:
    """The manifest after a change of its plain data."""

    def make(change: Callable[[dict[str, Any]], object] = lambda data: None) -> Manifest:
        data = json.loads(TINY.read_text())
        change(data)
        return parse(manifest_text(data).encode())

    return make
