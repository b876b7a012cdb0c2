"""Rename folders in one step that nothing can interrupt: Linux's renameat2."""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path
from typing import Final

AT_FDCWD: Final = -100
RENAME_NOREPLACE: Final = 1
RENAME_EXCHANGE: Final = 2


def exchange(a: Path, b: Path) -> None:
    """Let two names change places.

    Raises:
        OSError: one does not exist, or the file system cannot do it (EINVAL, ENOSYS).
    """
    _renameat2(a, b, RENAME_EXCHANGE)


def rename_new(source: Path, target: Path) -> None:
    """Rename to a name that is free.

    Raises:
        OSError: it is not (EEXIST), or the file system cannot do it (EINVAL, ENOSYS).
    """
    _renameat2(source, target, RENAME_NOREPLACE)


def _renameat2(source: Path, target: Path, flags: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        call = libc.renameat2  # glibc 2.28 and newer
    except AttributeError:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS)) from None
    if call(AT_FDCWD, os.fsencode(source), AT_FDCWD, os.fsencode(target), flags) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), str(source), None, str(target))
