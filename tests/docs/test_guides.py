"""The files that the guides name exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOTS = ("", "sdk/sonoedge/", "export/sonoedge_export/")


def paths(text: str) -> list[str]:
    """Paths between backticks; NAME and ... stand for something of the reader's own."""
    result = re.findall(r"`([\w./-]+/[\w./-]*)`", text)
    return [path for path in result if "NAME" not in path and "..." not in path]


@pytest.mark.parametrize("guide", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_every_file_that_a_guide_names_exists(guide: str, repository: Path) -> None:
    named = [p for p in paths((repository / guide).read_text()) if not p.startswith("build/")]
    assert len(named) >= 20
    missing = [p for p in named if not any((repository / root / p).exists() for root in ROOTS)]
    assert missing == []


def test_every_source_root_of_the_picture_exists(repository: Path) -> None:
    picture = (repository / "docs/floors.svg").read_text()
    named = re.findall(r">(\w+/sonoedge\w*)<", picture)
    assert len(named) == 4
    assert [name for name in named if not (repository / name / "__init__.py").is_file()] == []
