"""Inputs of a pack of the tiny bundle."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sonoedge_export.evidence.inputs import Inputs, Paths, read_inputs

from .sections.documents import TINY


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, Any], Path]:
    """A JSON document in a file."""

    def write(name: str, value: Any) -> Path:
        path = tmp_path / name
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        return path

    return write


@pytest.fixture
def read() -> Callable[..., Inputs]:
    """The inputs of a pack of the tiny bundle, and of what else is given."""

    def make(**paths: Any) -> Inputs:
        return read_inputs(replace(Paths(bundle=TINY), **paths))

    return make
