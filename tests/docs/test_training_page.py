"""The page on training names options that the programs have."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs torch")


def commands(repository: Path) -> list[list[str]]:
    """Program and words of each indented command of the page."""
    text = (repository / "docs/how-to/training.md").read_text()
    lines = re.findall(r"^    python examples/reference/(\S+\.py.*)$", text, re.MULTILINE)
    return [shlex.split(line) for line in lines]


def test_every_training_of_the_page_is_understood(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(repository / "examples/reference")
    from arguments import parser  # type: ignore[import-not-found]

    trainings = [words for words in commands(repository) if words[0] == "train.py"]
    assert len(trainings) >= 3
    for _, *words in trainings:
        args = parser("").parse_args(words)
        assert args.trunk in words
    text = (repository / "docs/how-to/training.md").read_text()
    known = {option for action in parser("")._actions for option in action.option_strings}
    named = set(re.findall(r"`(--[a-z0-9-]+)", text))
    assert len(named) >= 10
    assert named <= known


def test_every_program_of_the_page_exists_and_its_options_are_its_own(repository: Path) -> None:
    for program, *words in commands(repository):
        source = (repository / "examples/reference" / program).read_text()
        options = [word for word in words if word.startswith("--")]
        if program != "train.py":
            assert [o for o in options if f'"{o}"' not in source] == []


def test_what_the_page_says_of_the_trunks_is_what_the_program_prints(repository: Path) -> None:
    text = (repository / "docs/how-to/training.md").read_text()
    done = subprocess.run(
        [sys.executable, str(repository / "examples/reference/lesionnet.py")],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    printed = re.findall(r"trunk (\w+): ([\d.]+) M parameters, ([\d.]+) GMAC", done.stdout)
    assert len(printed) == 3
    for trunk, parameters, gmac in printed:
        row = re.findall(rf"^\| `{trunk}` \|.*$", text, re.MULTILINE)[0]  # of the first table
        assert [cell.strip() for cell in row.split("|")[3:5]] == [parameters, gmac]
