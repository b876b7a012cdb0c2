"""Each threat's row names a test that exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PAGE = "docs/explanation/threats.md"


def rows(page: str) -> list[list[str]]:
    """The cells of each table's rows, without heads and rules."""
    lines = re.findall(r"^\| (.*) \|$", page, flags=re.MULTILINE)
    cells = [line.split(" | ") for line in lines]
    return [row for row in cells if row[0] != "What is tried"]


@pytest.fixture(scope="module")
def table(repository: Path) -> list[list[str]]:
    return rows((repository / PAGE).read_text())


def test_each_row_says_what_is_tried_what_stops_it_its_test_and_what_is_left(
    table: list[list[str]],
) -> None:
    assert len(table) >= 25
    assert [row for row in table if len(row) != 4 or not all(row)] == []


def test_each_row_names_a_test_or_says_that_nothing_stops_it(table: list[list[str]]) -> None:
    without = [row for row in table if "::" not in row[2]]
    assert [row for row in without if (row[1], row[2]) != ("Nothing", "-")] == []
    assert [row for row in without if row[3] == "-"] == []  # what nothing stops is left


def test_the_tests_named_exist(repository: Path, table: list[list[str]]) -> None:
    named = [name for row in table for name in re.findall(r"`(tests/\S+?)`", row[2])]
    assert len(named) >= 25
    missing = []
    for name in named:
        path, _, function = name.partition("::")
        file = repository / path
        tree = ast.parse(file.read_text()) if file.is_file() else ast.Module([], [])
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        if function not in names or not function.startswith("test_"):
            missing.append(name)
    assert missing == []


def test_the_table_can_be_found_wanting() -> None:
    assert rows("| What is tried | a |\n|---|---|\n| x | y | z | w |\n") == [["x", "y", "z", "w"]]
