"""The documentation, built once for all of its tests."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sonoedge import errors
from sonoedge.errors import SonoedgeError


@pytest.fixture(scope="session")
def error_classes() -> list[type[SonoedgeError]]:
    """Every class of the tree of errors, its root among them."""

    def tree(error: type[SonoedgeError]) -> Iterator[type[SonoedgeError]]:
        yield error
        for below in error.__subclasses__():
            if below.__module__ == errors.__name__:
                yield from tree(below)

    return list(tree(SonoedgeError))


@pytest.fixture(scope="session")
def site(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built site; the build is strict, so a broken link fails it."""
    pytest.importorskip("mkdocs", reason="needs the extra docs")
    pytest.importorskip("mkdocstrings_handlers.python", reason="needs the extra docs")
    pytest.importorskip("torch", reason="the export's verbs print their help with torch alone")
    folder = tmp_path_factory.mktemp("site")
    # Not --quiet: warnings that are not printed are not counted, and fail nothing.
    command = ["build", "--strict", "--site-dir", str(folder)]
    process = subprocess.run(
        [sys.executable, "-m", "mkdocs", *command],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "NO_MKDOCS_2_WARNING": "1"},
    )
    assert process.returncode == 0, process.stderr
    return folder
