"""The kernel's files, in folders written here: no machine has all of these sensors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., None]:
    """Writes files below a folder: path, content, path, content, ..."""

    def put(*words: str) -> None:
        for path, content in zip(words[::2], words[1::2], strict=True):
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)

    return put
