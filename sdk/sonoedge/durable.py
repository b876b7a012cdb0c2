"""Files that are there after a power cut: a name is not safe before its folder is written out."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


def write_durably(file: Path, data: bytes, mode: int = 0o666) -> None:
    """Write a file that was not there, and wait until it has reached the disk.

    Its folder must be written out as well: `sync_folder`.

    Args:
        mode: the file's permissions, from its first moment on; the process's umask is taken off.

    Raises:
        OSError: it exists, or cannot be written; what was begun is removed.
    """
    fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(fd, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def replace_durably(
    file: Path, data: bytes, mode: int = 0o666, *, whatever_umask: bool = False
) -> None:
    """Put a file in place of one that may be there: after a power cut it is the old or the new.

    Args:
        mode: as `write_durably`.
        whatever_umask: the file has all of `mode`; the process's umask takes nothing off.

    Raises:
        OSError: it cannot be written; what was there is unchanged.
    """
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    try:
        write_durably(draft, data, mode)
        if whatever_umask:
            draft.chmod(mode)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(file.parent)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Within it no other thread or process is within it: what is read there may be replaced.

    Raises:
        OSError: the folder cannot be opened, or its file system cannot lock.
    """
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def sync_folder(folder: Path) -> None:
    """Wait until a folder's names have reached the disk.

    Raises:
        OSError: it cannot be written out.
    """
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
