"""The library that lets a change of the file system fail: compiled, preloaded, and told when."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from enum import IntEnum
from pathlib import Path
from typing import NoReturn

SOURCE = Path(__file__).with_name("fault.c")
KILLED = 99  # the exit code of a process that the library ended


class Fault(IntEnum):
    """What happens at the call; the numbers are those of fault.c."""

    KILL_BEFORE = 0
    KILL_AFTER = 1
    TORN_THEN_KILL = 2
    NO_SPACE = 3
    IO_ERROR = 4
    TORN_THEN_NO_SPACE = 5


def compiler() -> str | None:
    """The C compiler, if there is one."""
    return shutil.which("gcc")


def preload(folder: Path) -> None:
    """Begin this program anew with the library before libc, unless it is there already.

    Args:
        folder: where the library is put.
    """
    if "fault.so" in os.environ.get("LD_PRELOAD", ""):
        return
    gcc = compiler()
    if gcc is None:
        raise SystemExit("needs gcc, which compiles the fault injector")
    library = folder.absolute() / "fault.so"
    words = ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", str(library)]
    subprocess.run([gcc, *words, str(SOURCE), "-ldl"], check=True)
    environment = os.environ | {
        "LD_PRELOAD": str(library),
        # Forks are made of a process that has no other threads.
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"),
    }
    _restart(environment)


def _restart(environment: dict[str, str]) -> NoReturn:
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)


def library() -> ctypes.CDLL:
    """The preloaded library."""
    found = ctypes.CDLL(None)
    found.fault_arm.argtypes = (ctypes.c_char_p, ctypes.c_long, ctypes.c_int)
    found.fault_count.restype = ctypes.c_long
    return found


def in_fork(
    work: Callable[[], None],
    typed: Sequence[type[BaseException]],
    *,
    fault: tuple[Path, int, Fault],
) -> int:
    """Do something in a fork in which one call fails.

    Args:
        typed: errors that it may end with.
        fault: below which folder, which call, and what happens.

    Returns:
        0, `KILLED`, 10 after a typed error; anything else is a fault of the work.
    """
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    code = 20
    try:
        folder, number, kind = fault
        library().fault_arm(os.fsencode(folder), number, kind)
        work()
        code = 0
    except tuple(typed):
        code = 10
    except BaseException as error:  # noqa: BLE001 - shown, and told by the exit code
        print(f"untyped: {type(error).__name__}: {error}", file=sys.stderr)
    finally:
        os._exit(code)
    raise AssertionError("a fork never comes here")
