"""What every verb's `--help` prints: complete, and readable on a terminal of 80 columns."""

from __future__ import annotations

import re

import pytest

from sonoedge import cli

COLUMNS = 80


def printed(verb: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    try:
        code = cli.main([verb, "--help"])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    if code == 4:
        pytest.skip(f"{verb} needs an extra that is not installed")
    assert code == 0
    return capsys.readouterr().out


def without_text(text: str) -> list[str]:
    """Arguments, as they are listed, that no text explains."""
    lines = text.splitlines()
    bare = []
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        argument = re.match(r"  (\S.*?)(?:\s{2,}(\S.*))?$", line)
        listed = argument is not None and re.match(r"-|\{|[A-Z]", argument[1])
        explained = argument is None or argument[2] or re.match(r"\s{8,}\S", after)
        if listed and argument is not None and not explained:
            bare.append(argument[1])
    return bare


@pytest.mark.parametrize("verb", cli.VERBS)
def test_every_argument_is_explained_within_80_columns(
    verb: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = printed(verb, capsys, monkeypatch)
    assert without_text(text) == []
    assert max(map(len, text.splitlines())) <= COLUMNS
    assert "`" not in text, "a terminal shows no Markdown"


def test_the_check_sees_an_argument_without_text() -> None:
    lines = ["  --json", "  --fps N     a rate", "  --overlay FILE|FOLDER", "            draw"]
    assert without_text("\n".join(["options:", *lines, "  BUNDLE"])) == ["--json", "BUNDLE"]
