"""A service in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

LONG_MS: Final = 60_000  # a result that waits for a busy box is one to be compared all the same


@contextmanager
def serving(bundle: Path, runtime: str, path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`sonoedge serve`, which may still be starting; killed at the end, if it lives."""
    command = [sys.executable, "-m", "sonoedge", "serve", str(bundle), "--socket", str(path)]
    command += ["--runtime", runtime, "--max-age-ms", str(LONG_MS)]
    service = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )
    try:
        yield service
    finally:
        service.kill()
        service.wait()
