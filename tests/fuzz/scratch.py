"""A folder in memory for readers that take a path; the driver makes it and removes it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_VARIABLE: Final = "SONOEDGE_FUZZ_SCRATCH"


@contextmanager
def scratch() -> Iterator[Path]:
    """The folder, also for the processes that are started meanwhile."""
    memory = Path("/dev/shm")
    folder = tempfile.mkdtemp(prefix="fuzz-", dir=memory if memory.is_dir() else None)
    before = os.environ.get(_VARIABLE)
    os.environ[_VARIABLE] = folder
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if before is None:
            del os.environ[_VARIABLE]
        else:
            os.environ[_VARIABLE] = before


def scratch_file(name: str, data: bytes) -> Path:
    """A file in the folder with these bytes, in place of what it held before."""
    path = Path(os.environ[_VARIABLE]) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
