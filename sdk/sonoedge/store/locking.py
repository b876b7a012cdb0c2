"""Who may change a store, and what nobody may remove meanwhile: locks that end with their owner."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sonoedge.closing import Closing
from sonoedge.errors import BundleNotFound, StoreError
from sonoedge.store.layout import Layout

WAIT_S: Final = 10.0  # every holder is done within moments: none copies or loads under the lock
_PAUSE_S: Final = 0.01
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextlib.contextmanager
def exclusive(layout: Layout, wait_s: float = WAIT_S) -> Iterator[None]:
    """Within it nobody else changes the state, or the names of bundles and drafts.

    Raises:
        StoreError: somebody else does so for longer than `wait_s`, or the lock's file cannot
            be opened.
    """
    fd = _open_lock(layout.lock)
    try:
        end_s = time.monotonic() + wait_s
        while not _locked(fd, fcntl.LOCK_EX):
            if time.monotonic() >= end_s:
                raise StoreError("another process is changing the store; try again")
            time.sleep(_PAUSE_S)
        yield
    finally:
        os.close(fd)


class Lease(Closing):
    """A folder of a store that nobody removes while this is open, in whatever process.

    It ends by `close`, with the last reference to it, or with the process.

    Args:
        folder: a bundle's folder within a store.

    Attributes:
        folder: the same.

    Raises:
        BundleNotFound: there is none, or it is just being removed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            fd = os.open(folder, _FOLDER)
        except OSError as error:
            raise BundleNotFound(
                f"the store's bundle {folder.name[:12]}... cannot be opened: {error.strerror}"
            ) from None
        self._end = weakref.finalize(self, os.close, fd)
        # Whoever removes a bundle locks its folder, then renames it: the path must still be this.
        if not (_locked(fd, fcntl.LOCK_SH) and _is_at(folder, fd)):
            self._end()
            raise BundleNotFound(f"the store's bundle {folder.name[:12]}... is being removed")

    def close(self) -> None:
        """Let it be removed; closing twice is harmless."""
        self._end()


@contextlib.contextmanager
def unused(folder: Path) -> Iterator[bool]:
    """Whether nobody holds a folder; within it nobody can begin to.

    A process that ends lets go of what it held, however it ends.
    """
    try:
        fd = os.open(folder, _FOLDER)
    except OSError:
        yield True  # no folder: nothing that could be held
        return
    try:
        yield _locked(fd, fcntl.LOCK_EX)
    finally:
        os.close(fd)


def _open_lock(path: Path) -> int:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC  # to lock a file is not to write it
    try:
        with contextlib.suppress(FileNotFoundError):
            return os.open(path, flags)
        return os.open(path, flags | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreError(f"the store cannot be locked: {error.strerror}") from None


def _locked(fd: int, kind: int) -> bool:
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise StoreError(f"the store cannot be locked: {error.strerror}") from None
    return True


def _is_at(folder: Path, fd: int) -> bool:
    try:
        return os.path.samestat(folder.lstat(), os.fstat(fd))
    except OSError:
        return False
