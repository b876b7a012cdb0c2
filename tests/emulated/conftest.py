"""For tests that start aarch64's Python beside this one: `make emulate` sets it up first."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def arm() -> Path:
    """The folder with aarch64's Python and wheels."""
    folder = os.environ.get("SONOEDGE_ARM")
    if not folder:
        pytest.skip("SONOEDGE_ARM names no aarch64 environment: run make emulate")
    return Path(folder).resolve()


@pytest.fixture(scope="session")
def run_arm(arm: Path) -> Run:
    """Runs aarch64's Python with arguments, and gives what it printed; fails where it fails."""

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [str(HERE / "run"), str(arm), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stderr[-2000:]
        return done

    return run
