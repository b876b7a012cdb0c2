"""What the README shows is run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")


def python_blocks(text: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)


def run(*words: str) -> str:
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=False, env=env
    )
    assert process.returncode == 0, process.stderr
    return process.stdout


def test_the_readmes_example_runs_as_it_stands(repository: Path) -> None:
    program = python_blocks((repository / "README.md").read_text())[0]
    assert len([line for line in program.splitlines() if line.strip()]) <= 11
    frames = repository / "examples/data/breast_usg/images"
    out = run("-c", program, str(repository / "tests/data/tiny"), str(frames))
    assert len(out.splitlines()) == 48


def test_the_firmware_example_runs(repository: Path) -> None:
    clip = repository / "examples/data/breast_usg/images/case013.png"
    out = run(
        str(repository / "examples/firmware.py"), str(repository / "tests/data/tiny"), str(clip)
    )
    assert "suspicion" in out


def test_every_verb_of_the_readme_exists(repository: Path) -> None:
    from sonoedge.cli import VERBS

    text = (repository / "README.md").read_text()
    shown = set(re.findall(r"^    sonoedge ([\w-]+)", text, flags=re.MULTILINE))
    assert shown <= set(VERBS)
    assert {"export", "verify", "inspect", "run", "bench", "doctor"} <= shown


# Folders and pages of the site that are generated when it is built; its tests check links to them.
GENERATED = (
    "docs/reference/api/",
    "docs/reference/commands/",
    "docs/reference/recipe-keys.md",
    "docs/reference/soup.md",
)


def test_every_file_that_the_documents_link_to_exists(repository: Path) -> None:
    for document in sorted([*repository.glob("*.md"), *(repository / "docs").rglob("*.md")]):
        for link in re.findall(r"\]\(([^)#:]+)\)", document.read_text()):
            file = (document.parent / link).resolve()
            if not file.relative_to(repository).as_posix().startswith(GENERATED):
                assert file.exists(), f"{document.name}: {link}"
