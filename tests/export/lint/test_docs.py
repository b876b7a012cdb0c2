"""docs/reference/lint.md lists the rules as they are."""

from __future__ import annotations

from pathlib import Path

from sonoedge_export.lint import RULES


def test_the_table_in_the_documents_is_the_table_of_rules(repository: Path) -> None:
    text = (repository / "docs/reference/lint.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| T")]
    assert rows == [
        f"| {r.id} | {r.name} | {r.severity} | {r.outcome} | {r.why} | {r.remedy} |" for r in RULES
    ]


def test_the_example_quotes_a_rule_as_it_is(repository: Path) -> None:
    text = (repository / "docs/reference/lint.md").read_text()
    uint8 = next(r for r in RULES if r.id == "T007")
    assert f"why:    {uint8.why}" in text
    assert f"remedy: {uint8.remedy}" in text
