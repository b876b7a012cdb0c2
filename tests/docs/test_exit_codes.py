"""The page of exit codes is the tree of errors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sonoedge.cli import VERBS
from sonoedge.errors import SonoedgeError
from sonoedge.terminal.termination import EXIT_CODE


def table(page: str) -> dict[int, set[str]]:
    """Each code's tokens."""
    lines = re.findall(r"^\| (\d+) \|.*\|(.*)\|$", page, flags=re.MULTILINE)
    return {int(code): set(re.findall(r"`(\w+)`", tokens)) for code, tokens in lines}


@pytest.mark.req("R43")
def test_every_token_stands_beside_its_code(
    repository: Path, error_classes: list[type[SonoedgeError]]
) -> None:
    page = (repository / "docs/reference/exit-codes.md").read_text()
    expected: dict[int, set[str]] = {0: set(), 130: set(), 141: set(), EXIT_CODE: set()}
    for error in error_classes:
        expected.setdefault(error.exit_code, set()).add(error.token)
    assert table(page) == expected


def test_the_verbs_that_judge_exist(repository: Path) -> None:
    page = (repository / "docs/reference/exit-codes.md").read_text()
    judging = re.findall(r"^\| `([a-z-]+)[^`]*` \|", page, flags=re.MULTILINE)
    assert len(judging) >= 6
    assert set(judging) <= set(VERBS)
