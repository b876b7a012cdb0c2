"""Processes of our own: a fresh interpreter that runs one function and dies with its parent."""

from __future__ import annotations

import os
import re
import shutil
import sys
from typing import Any, Final

from sonoedge.descriptors import is_open
from sonoedge.errors import InvalidSettings, RuntimeUnavailable
from sonoedge.late_edges import LATE_EDGES
from sonoedge.telemetry import ENVIRONMENT

# Before anything is imported the child ties its life to its parent's: a parent that died in
# the meantime is no parent any more. Ctrl-C in a terminal is for the parent to handle.
BOOT: Final = """\
import ctypes, importlib, os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
ctypes.CDLL(None).prctl(1, int(signal.SIGKILL), 0, 0, 0)
if os.getppid() != int(sys.argv[1]):
    os._exit(1)
sys.path[:] = [p for p in sys.path if p]
module, function = sys.argv[2].split(":")
getattr(importlib.import_module(module), function)(*sys.argv[3:])
"""
INTERPRETER: Final = re.compile(r"(python|pypy)[\d.]*[dtw]*(\.exe)?", re.IGNORECASE)


def interpreter(python: object = None) -> str:
    """The interpreter that child processes run on, as an absolute path.

    Args:
        python: the caller's; None takes the one that runs this program.

    Raises:
        InvalidSettings: the caller's is no program that can be run.
        RuntimeUnavailable: this program is no interpreter: a frozen one (PyInstaller and the
            like), or one that embeds Python. Started as a child it would begin anew.
    """
    if python is not None:
        program = shutil.which(python) if isinstance(python, str) else None
        if program is None:
            raise InvalidSettings(f"python is {python!r}, which is no program that can be run")
        return os.path.abspath(program)  # noqa: PTH100 - resolving links would leave a venv
    main = sys.modules.get("__main__")
    frozen = getattr(sys, "frozen", False) or hasattr(main, "__compiled__")
    if frozen or INTERPRETER.fullmatch(os.path.basename(sys.executable or "")) is None:  # noqa: PTH119
        raise RuntimeUnavailable(
            f"this program ({sys.executable or 'without a name'}) is no Python interpreter, and "
            "starting it again would not start a worker; name an interpreter that has sonoedge "
            "installed, as in sonoedge.live(bundle, python='/usr/bin/python3'), or use "
            "isolation='thread' where a crash of the engine may end the program"
        )
    return os.path.abspath(sys.executable)  # noqa: PTH100


def child_command(edge: str, *arguments: str, python: str | None = None) -> list[str]:
    """The words that start a child.

    Args:
        edge: its name in `LATE_EDGES`; the function gets `arguments` as text.
        python: as `interpreter`.

    Raises:
        InvalidSettings, RuntimeUnavailable: as `interpreter`.
    """
    return [interpreter(python), "-c", BOOT, str(os.getpid()), LATE_EDGES[edge], *arguments]


def child_settings() -> dict[str, Any]:
    """How each child is started, as keywords of `subprocess.Popen`.

    It imports from where this process does, in a working directory that holds no files of
    anybody's: an engine opens what a graph names relative to it. Standard error is inherited
    where there is one: a closed one would be the number of the next file that is opened.
    """
    import subprocess

    path = os.pathsep.join(os.path.abspath(p) for p in sys.path if p)  # noqa: PTH100
    return {
        "env": os.environ | ENVIRONMENT | {"PYTHONPATH": path},
        "cwd": "/",
        "stdin": subprocess.DEVNULL,
        "stderr": None if is_open(2) else subprocess.DEVNULL,
        "start_new_session": True,
    }
