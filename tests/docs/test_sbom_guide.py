"""The commands and files of docs/how-to/sbom.md do what the page says."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sonoedge.bundle import Card
from sonoedge.sbom.soup import read_soup
from sonoedge.settings import read

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs/how-to/sbom.md").read_text()


def blocks(page: str, language: str) -> list[str]:
    """The page's code blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def test_every_command_of_the_page_works_and_gives_cyclonedx(
    page: str, repository: Path, tmp_path: Path
) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    shutil.copytree(repository / "tests/data/tiny", tmp_path / "BUNDLE")
    (tmp_path / "mine.json").write_text(blocks(page, "json")[0])
    commands = [line for block in blocks(page, "sh") for line in block.splitlines()]
    assert len(commands) == 5
    for command in commands:
        verb, *words = shlex.split(command)
        assert verb == "sonoedge"
        done = subprocess.run(
            [sys.executable, "-m", "sonoedge", *words],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (command, done.stderr)
        text = done.stdout
        if "--out" in words:
            assert text == ""
            text = (tmp_path / words[-1]).read_text()
        assert json.loads(text)["bomFormat"] == "CycloneDX"


def test_the_table_and_the_file_of_the_page_are_taken(page: str, tmp_path: Path) -> None:
    (table,) = blocks(page, "toml")
    card = read(Card, tomllib.loads(table)["card"])
    assert card.supplier == "Example Ltd"
    (tmp_path / "mine.json").write_text(blocks(page, "json")[0])
    entry = read_soup(tmp_path / "mine.json").of_file("libgrabber.so.3")
    assert entry is not None
