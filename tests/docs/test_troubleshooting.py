"""Every token that a user can meet has its entry, with a cause and a remedy."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path

import pytest

from sonoedge.analysis import Reason
from sonoedge.errors import SonoedgeError
from sonoedge.session import State, StateReason


@pytest.fixture(scope="module")
def sections(repository: Path) -> dict[str, str]:
    """The page's second-level sections by heading."""
    page = (repository / "docs/how-to/troubleshooting.md").read_text()
    parts = re.split(r"^## (.*)$", page, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def rows(section: str) -> dict[str, list[str]]:
    """The cells behind each token of a table."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines()]
    return {c[0].strip("`"): c[1:] for c in cells if c[0].startswith("`")}


@pytest.mark.req("R43")
def test_every_error_token_has_a_cause_and_a_remedy(
    sections: dict[str, str], error_classes: list[type[SonoedgeError]]
) -> None:
    entries = re.split(r"^### `(\w+)`$", sections["Errors"], flags=re.MULTILINE)[1:]
    texts = dict(zip(entries[::2], entries[1::2], strict=True))
    assert set(texts) == {error.token for error in error_classes}
    for token, text in texts.items():
        assert re.search(r"^\*\*Cause\.\*\* \S", text, flags=re.MULTILINE), token
        assert re.search(r"^\*\*Remedy\.\*\* \S", text, flags=re.MULTILINE), token


@pytest.mark.req("R43")
@pytest.mark.parametrize(
    ("heading", "tokens"),
    [
        ("Reasons of a frame", Reason),
        ("States of a session", State),
        ("Reasons of a session", StateReason),
    ],
)
def test_every_reason_has_a_cause_and_a_remedy(
    sections: dict[str, str], heading: str, tokens: type[Enum]
) -> None:
    table = rows(sections[heading])
    assert set(table) == {token.value for token in tokens}
    assert [token for token, cells in table.items() if len(cells) != 2 or not all(cells)] == []
