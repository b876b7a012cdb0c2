"""Read a small file whole, however large it turns out to be."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def read_bounded(file: Path, most_bytes: int) -> bytes:
    """A file's bytes; of a longer file the first `most_bytes` + 1, so that its reader refuses it.

    A pipe is waited for: who names it wants it read. See `read_regular` for files that others
    may have put there.

    Raises:
        OSError: it cannot be read.
    """
    with file.open("rb") as content:
        return content.read(most_bytes + 1)


def read_regular(file: Path, most_bytes: int) -> bytes:
    """`read_bounded` of a regular file: a pipe or a device makes nobody wait.

    Raises:
        OSError: it cannot be read, or is no regular file.
    """
    fd = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(errno.EINVAL, "it is no regular file")
    with os.fdopen(fd, "rb") as content:
        return content.read(most_bytes + 1)
