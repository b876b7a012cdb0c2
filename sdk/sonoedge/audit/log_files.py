"""A log's folder: numbered files of at most 1 MiB, 16 of them, and a lock for who appends.

audit-00000000.jsonl ...   the records, oldest first
seal.key                   the key of the next seal; readable by its owner alone
lock
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sonoedge.audit.seal import KEY_FILE
from sonoedge.errors import InvalidSettings

MOST_FILES: Final = 16
MOST_FILE_BYTES: Final = 1 << 20
LOCK_FILE: Final = "lock"
LOCK_WAIT_S: Final = 5.0
_LOCK_PAUSE_S: Final = 0.01
_NAME: Final = re.compile(r"audit-(\d{8})\.jsonl", re.ASCII)
_DRAFTS: Final = f".{KEY_FILE}.*"


class LogFiles:
    """The files of one log.

    Args:
        folder: as `sonoedge audit init` made it.

    Raises:
        InvalidSettings: it is no audit log.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not (folder / KEY_FILE).is_file() and not self.numbers():
            raise InvalidSettings(
                f"{folder.name} is no audit log; make one: sonoedge audit init FOLDER"
            )

    def numbers(self) -> list[int]:
        """The numbers of the files that are there, oldest first.

        Raises:
            InvalidSettings: there is no such folder, or it cannot be listed.
        """
        try:
            names = os.listdir(self.folder)  # noqa: PTH208 - names are what is wanted
        except OSError as error:
            raise InvalidSettings(
                f"{self.folder.name} is no audit log: {error.strerror}; make one: "
                "sonoedge audit init FOLDER"
            ) from None
        return sorted(int(match[1]) for name in names if (match := _NAME.fullmatch(name)))

    def path(self, number: int) -> Path:
        """Where a file lies."""
        return self.folder / f"audit-{number:08d}.jsonl"

    def read(self, number: int) -> bytes:
        """A file's bytes; of one that is longer than any, enough to see it.

        Raises:
            OSError: it cannot be read.
        """
        fd = os.open(self.path(number), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(fd, "rb") as file:
            return file.read(MOST_FILE_BYTES + 1)

    def open(self, number: int, *, new: bool = False) -> int:
        """A file's descriptor, to append to.

        Raises:
            OSError: it cannot be opened; a new one is there already.
        """
        flags = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        flags |= os.O_CREAT | os.O_EXCL if new else 0
        return os.open(self.path(number), flags, 0o640)

    @contextlib.contextmanager
    def lock(self, *, shared: bool = False, wait_s: float = LOCK_WAIT_S) -> Iterator[None]:
        """Keep other processes from appending for as long as the block takes.

        Args:
            shared: several may hold it, to read.

        Raises:
            TimeoutError: another process holds it for so long: it was stopped, or its disk hangs.
            OSError: the lock cannot be opened.
        """
        flags = os.O_RDONLY if shared else os.O_RDWR | os.O_CREAT
        fd = os.open(self.folder / LOCK_FILE, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o640)
        try:
            _take(fd, fcntl.LOCK_SH if shared else fcntl.LOCK_EX, wait_s)
            yield
        finally:
            os.close(fd)

    def remove_drafts(self) -> None:
        """Remove keys that a killed process had not put into their place yet."""
        for draft in self.folder.glob(_DRAFTS):
            draft.unlink(missing_ok=True)


def _take(fd: int, kind: int, wait_s: float) -> None:
    until = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(fd, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise TimeoutError("another process holds the audit log's lock") from None
            time.sleep(_LOCK_PAUSE_S)
        else:
            return
