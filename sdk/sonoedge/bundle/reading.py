"""Read files below an open folder: no links, no devices, never more bytes than expected."""

from __future__ import annotations

import errno
import itertools
import os
import stat
import weakref
from pathlib import Path
from typing import Final, NoReturn

from sonoedge.errors import BundleNotFound, DigestMismatch, UnsafeContent

MOST_PATH: Final = 255  # characters
MOST_PARTS: Final = 8
MOST_ENTRIES: Final = 4096
_PIECE: Final = 1 << 30  # Linux reads less than 2 GiB at a time
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# A pipe or a device does not make opening wait: O_NONBLOCK; what it is shows before reading.
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def is_plain_path(path: str) -> bool:
    """Whether a path stays below its folder and means the same on every file system.

    ASCII without control characters, forward slashes, no part empty, "." or "..".
    """
    parts = path.split("/")
    return (
        path.isascii()
        and path.isprintable()
        and "\\" not in path
        and len(path) <= MOST_PATH
        and len(parts) <= MOST_PARTS
        and not any(part in ("", ".", "..") for part in parts)
    )


class OpenFolder:
    """A folder that stays the same one, whatever its path comes to name.

    The folder itself may be reached through links; nothing below it may be one. It is held
    open for as long as this object lives: two reads cannot come from two folders.

    Args:
        path: the folder.

    Raises:
        BundleNotFound: it cannot be opened, or is no folder.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._fd = os.open(path, _FOLDER)
        except (OSError, ValueError) as error:  # ValueError: a NUL, which no path can hold
            why = (error.strerror if isinstance(error, OSError) else None) or "no path"
            raise BundleNotFound(f"the folder {str(path)!r} cannot be opened: {why}") from None
        weakref.finalize(self, os.close, self._fd)

    def read(self, path: str, size: int) -> bytes:
        """A file's bytes.

        Args:
            path: below the folder, with forward slashes.
            size: bytes that it must have; no more are ever read.

        Raises:
            DigestMismatch: it is missing, cannot be read, or has another size.
            UnsafeContent: it is reached through a link, or is no regular file.
        """
        fd = self._open(path)
        try:
            actual = os.fstat(fd).st_size
            if actual != size:
                raise DigestMismatch(
                    f"{path} is not the file that the manifest names: expected {size} bytes, "
                    f"found {actual}; copy or export the bundle again"
                )
            return _read(fd, path, size)
        finally:
            os.close(fd)

    def read_at_most(self, path: str, most: int) -> bytes:
        """The bytes of a file whose size nothing tells beforehand.

        Raises:
            DigestMismatch: it is missing or cannot be read.
            UnsafeContent: it has more than `most` bytes, is reached through a link, or is no
                regular file.
        """
        fd = self._open(path)
        try:
            size = os.fstat(fd).st_size
            if size > most:
                raise UnsafeContent(f"{path} has {size} bytes; at most {most} are read")
            return _read(fd, path, size)
        finally:
            os.close(fd)

    def read_if_there(self, path: str, most: int) -> bytes | None:
        """`read_at_most`, or None where there is no such file.

        Raises:
            DigestMismatch, UnsafeContent: it is there and cannot be read.
        """
        try:
            os.stat(path, dir_fd=self._fd, follow_symlinks=False)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(path, error) from None
        return self.read_at_most(path, most)

    def entries(self, path: str, most: int) -> list[tuple[str, bool]]:
        """What a folder holds: names, and whether each is a folder itself (a link is none).

        Args:
            path: below this folder; "" is this folder itself.
            most: no more are given.

        Raises:
            DigestMismatch: it is missing or cannot be read.
            UnsafeContent: it is reached through a link, or is no folder.
        """
        parts = path.split("/") if path else []
        fd = os.dup(self._fd)
        try:
            for part in parts:
                above, fd = fd, os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=fd)
                os.close(above)
            with os.scandir(fd) as found:
                first = itertools.islice(found, most)
                return [(each.name, each.is_dir(follow_symlinks=False)) for each in first]
        except OSError as error:
            raise _unreadable(path, error) from None
        finally:
            os.close(fd)

    def walk(self) -> dict[str, os.stat_result]:
        """What lies below the folder, by its path; links are not followed, nor folders too deep.

        Raises:
            DigestMismatch: it cannot be listed.
            UnsafeContent: it holds more than any bundle.
        """
        found: dict[str, os.stat_result] = {}
        places = os.fwalk(".", dir_fd=self._fd, onerror=_raise)
        try:
            for place, folders, files, fd in places:
                for name in (*folders, *files):
                    path = os.path.normpath(os.path.join(place, name))  # noqa: PTH118 - no path yet
                    found[path] = os.stat(name, dir_fd=fd, follow_symlinks=False)
                    if len(found) > MOST_ENTRIES:
                        raise UnsafeContent(
                            f"the bundle's folder holds more than {MOST_ENTRIES} files and folders"
                        )
                if place.count("/") >= MOST_PARTS:
                    folders.clear()
        except OSError as error:
            raise _unreadable("the folder", error) from None
        return found

    def _open(self, path: str) -> int:
        """The descriptor of a regular file."""
        if not is_plain_path(path):
            raise UnsafeContent(f"{path[:80]!r} is not a plain path within the bundle")
        *folders, name = path.split("/")
        folder = self._fd
        opened: list[int] = []
        try:
            for part in folders:
                folder = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
                opened.append(folder)
            fd = os.open(name, _FILE, dir_fd=folder)
        except OSError as error:
            raise _unreadable(path, error) from None
        finally:
            for each in opened:
                os.close(each)
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            raise UnsafeContent(f"{path} is not a regular file; copy the bundle again")
        return fd


def _raise(error: OSError) -> NoReturn:
    raise error


def _unreadable(path: str, error: OSError) -> DigestMismatch | UnsafeContent:
    # O_NOFOLLOW gives ELOOP for a link to a file, and with O_DIRECTORY ENOTDIR for one to a
    # folder; a socket gives ENXIO.
    if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.ENXIO):
        return UnsafeContent(
            f"{path} is reached through a link, or is not a regular file; copy the bundle again, "
            "with what its links point to (cp -rL)"
        )
    return DigestMismatch(f"{path} cannot be read ({error.strerror}); copy the bundle again")


def _read(fd: int, path: str, size: int) -> bytes:
    try:
        pieces = [os.read(fd, min(size + 1, _PIECE))]  # one byte more would show that it grew
        total = len(pieces[0])
        while total < size and pieces[-1]:
            pieces.append(os.read(fd, min(size + 1 - total, _PIECE)))
            total += len(pieces[-1])
    except OSError as error:
        raise _unreadable(path, error) from None
    if total != size:
        raise DigestMismatch(f"{path} changed while it was read; copy the bundle again")
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
