"""What takes long to make is made once a run, by the process of the tests that comes first."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

_VARIABLE: Final = "SONOEDGE_TESTS_SHARED"


def share_folder() -> None:
    """Make the folder that this process and those that it starts share; it ends with this one."""
    if _VARIABLE in os.environ:
        return
    folder = tempfile.mkdtemp(prefix="sonoedge-tests-")
    os.environ[_VARIABLE] = folder
    owner = os.getpid()

    def remove() -> None:
        if os.getpid() == owner:  # a fork of this process leaves it to this one
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)


def made_once(name: str, make: Callable[[Path], object]) -> Path:
    """A folder that `make` has filled; whoever gets it reads it, and nobody writes into it.

    What `make` raises is raised for each that asks, after another try.

    Args:
        name: of what is made, with all that it hangs on; may have folders.
    """
    share_folder()
    folder = Path(os.environ[_VARIABLE]) / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = folder.with_name(f"{folder.name}.made")
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)  # what another has left unfinished
            folder.mkdir()
            make(folder)
            made.touch()
    return folder
