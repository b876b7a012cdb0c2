"""A unit's confinement on one process without systemd: its system calls, and no memory to execute.

Run as a program: `python confinement.py GROUPS MDWE PROGRAM ARGS...`; it confines itself and then
becomes the program. x86-64 alone: the filter looks at numbers.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

HEADERS = (
    Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    Path("/usr/include/asm/unistd_64.h"),
)
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, PR_SET_MDWE = 38, 22, 65
ALLOW, REFUSE_WITH_EPERM = 0x7FFF0000, 0x00050001
ANALYZE = shutil.which("systemd-analyze")


def group(name: str) -> set[str]:
    """The names of a group's system calls, of the groups within it as well."""
    assert ANALYZE is not None
    done = subprocess.run(
        [ANALYZE, "syscall-filter", "--no-pager", name], capture_output=True, text=True, check=True
    )
    lines = re.findall(r"^    (?:\x1b\[[0-9;]*m)*([@a-z]\S*)", done.stdout, re.MULTILINE)
    nested = [group(line) for line in lines if line.startswith("@")]
    return {line for line in lines if not line.startswith("@")}.union(*nested)


def allowed(unit: str) -> list[int]:
    """The numbers of the system calls that a unit's SystemCallFilter lines allow."""
    header = next(path for path in HEADERS if path.exists())
    numbers = dict(re.findall(r"#define __NR_(\w+) (\d+)", header.read_text()))
    names: set[str] = set()
    for line in re.findall(r"^SystemCallFilter=(.*)$", unit, re.MULTILINE):
        for name in line.lstrip("~").split():
            names = names - group(name) if line.startswith("~") else names | group(name)
    return sorted(int(numbers[name]) for name in names if name in numbers)


def missing() -> str:
    """Why it cannot be done here; "" where it can."""
    if os.uname().machine != "x86_64":
        return "the filter is of x86-64"
    if ANALYZE is None:
        return "systemd-analyze, which knows the groups, is not installed"
    return "" if any(path.exists() for path in HEADERS) else "no kernel headers"


def command(unit: str, words: list[str]) -> list[str]:
    """A command line that runs `words` as the unit would have them."""
    mdwe = "MemoryDenyWriteExecute=yes" in unit
    return [sys.executable, __file__, json.dumps(allowed(unit)), str(int(mdwe)), *words]


def confine(numbers: list[int], *, mdwe: bool) -> None:
    """This process, and all that it becomes and starts.

    Raises:
        OSError: the kernel cannot.
    """

    class Program(ctypes.Structure):
        _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    def op(code: int, k: int, if_true: int = 0, if_false: int = 0) -> bytes:
        return struct.pack("HBBI", code, if_true, if_false, k)

    code = op(0x20, 0)
    code += b"".join(op(0x15, number, 0, 1) + op(0x06, ALLOW) for number in numbers)
    code += op(0x06, REFUSE_WITH_EPERM)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = Program(len(code) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    calls = [(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)]
    if mdwe:
        calls.append((PR_SET_MDWE, 1, 0, 0, 0))
    for call in calls:
        if libc.prctl(*call):
            raise OSError(ctypes.get_errno(), f"prctl({call[0]})")
    if libc.prctl(PR_SET_SECCOMP, 2, ctypes.byref(program), 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")


if __name__ == "__main__":
    confine(json.loads(sys.argv[1]), mdwe=sys.argv[2] == "1")
    os.execv(sys.argv[3], sys.argv[3:])
