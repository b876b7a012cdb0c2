"""The list of slow tests names what is there, and marks it."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest


class Item:
    """A collected test, as much of it as is marked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.markers: list[Any] = []

    def add_marker(self, marker: Any) -> None:
        self.markers.append(marker)


@pytest.fixture
def conftest(repository: Path) -> dict[str, Any]:
    return runpy.run_path(str(repository / "tests/conftest.py"))


def test_every_entry_of_the_list_exists(conftest: dict[str, Any], repository: Path) -> None:
    slow = conftest["SLOW"]
    assert [name for name in slow if not (repository / "tests" / name).exists()] == []
    assert list(slow) == sorted(set(slow))


def test_what_is_listed_or_lies_in_a_listed_folder_is_marked_and_nothing_else(
    conftest: dict[str, Any], repository: Path
) -> None:
    names = ("docs/test_guides.py", "docs/test_site.py", "examples/test_demo.py")
    items = [Item(repository / "tests" / name) for name in names]
    conftest["pytest_collection_modifyitems"](items)
    marked = {item.path.name: bool(item.markers) for item in items}
    assert marked == {"test_site.py": True, "test_demo.py": True, "test_guides.py": False}
    assert [item.path.name for item in items] == list(marked)  # the slow ones come first
