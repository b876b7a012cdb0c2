"""What runs before a commit is what `make check` runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

yaml = pytest.importorskip("yaml", reason="needs PyYAML, which pre-commit brings")


def hooks(repository: Path) -> list[dict[str, Any]]:
    config = yaml.safe_load((repository / ".pre-commit-config.yaml").read_text())
    return [hook for entry in config["repos"] for hook in entry["hooks"]]


def recipe(repository: Path, target: str) -> list[str]:
    """A target's commands, with the Makefile's variables put in."""
    makefile = (repository / "Makefile").read_text()
    variables = dict(re.findall(r"^(\w+) := (.*)$", makefile, flags=re.MULTILINE))
    block = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", makefile, flags=re.MULTILINE)
    assert block is not None
    text = block[1]
    while "$(" in text:
        text = re.sub(r"\$\((\w+)\)", lambda name: variables[name[1]], text)
    return [line.strip() for line in text.splitlines()]


def test_the_hooks_are_the_commands_of_make_check(repository: Path) -> None:
    commands = recipe(repository, "check")
    assert len(commands) >= 4
    assert [hook["entry"] for hook in hooks(repository)] == commands


def test_the_hooks_download_nothing_and_look_at_every_file(repository: Path) -> None:
    for hook in hooks(repository):
        assert hook["language"] == "system"
        assert hook["pass_filenames"] is False
