"""An item's bytes at one moment: their digest, and what tells whether they have changed since."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sonoedge.archive.items import Item

_PIECE: Final = 1 << 20
# File systems stamp changes by a coarse clock: what was changed so shortly before it was looked
# at may change once more under the same stamp.
_SETTLED_NS: Final = 2_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """An item's bytes.

    Attributes:
        sha256: of a file's bytes; of several, of their names and digests.
        size: bytes of all files.
        newest_ns: when the youngest of them was last written (mtime).
        stamps: of each file its device, inode, size, and times of writing and of change.
        settled: none of them changed shortly before, so that equal stamps mean equal bytes.
    """

    sha256: str
    size: int
    newest_ns: int
    stamps: tuple[tuple[int, ...], ...]
    settled: bool


def take(
    item: Item, archive: Path, *, follow: bool, wall_ns: Callable[[], int] = time.time_ns
) -> Snapshot:
    """Read an item's bytes.

    Raises:
        OSError: a file cannot be read, or is none any more.
    """
    digests: list[str] = []
    stamps: list[tuple[int, ...]] = []
    now_ns = wall_ns()
    for file in item.files(archive):
        sha256, stamp = _digest(file, follow)
        digests.append(sha256)
        stamps.append(stamp)
    whole = digests[0]
    if item.pictures:
        listed = hashlib.sha256()
        for name, sha256 in zip(item.pictures, digests, strict=True):
            listed.update(os.fsencode(name) + b"\0" + sha256.encode() + b"\n")
        whole = listed.hexdigest()
    return Snapshot(
        sha256=whole,
        size=sum(stamp[2] for stamp in stamps),
        newest_ns=max(stamp[3] for stamp in stamps),
        stamps=tuple(stamps),
        settled=all(max(stamp[3:]) + _SETTLED_NS < now_ns for stamp in stamps),
    )


def changed(before: Snapshot, item: Item, archive: Path, *, follow: bool) -> bool:
    """Whether the bytes are others than they were; they are read again only in doubt."""
    try:
        stamps = tuple(_stamp(file.stat(follow_symlinks=follow)) for file in item.files(archive))
        if stamps == before.stamps and before.settled:
            return False
        return take(item, archive, follow=follow).sha256 != before.sha256
    except OSError:
        return True


def size_and_newest(item: Item, archive: Path, *, follow: bool) -> tuple[int, int]:
    """Bytes of all files, and when the youngest was written, without reading them.

    Raises:
        OSError: one is not there.
    """
    states = [file.stat(follow_symlinks=follow) for file in item.files(archive)]
    return sum(s.st_size for s in states), max(s.st_mtime_ns for s in states)


def _digest(file: Path, follow: bool) -> tuple[str, tuple[int, ...]]:
    # Without waiting: a pipe that was put in the file's place must not hold us up.
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    fd = os.open(file, flags if follow else flags | os.O_NOFOLLOW)
    with os.fdopen(fd, "rb", buffering=0) as opened:
        state = os.fstat(fd)
        if not stat.S_ISREG(state.st_mode):
            raise OSError(22, "it is no ordinary file")
        digest = hashlib.sha256()
        left = state.st_size  # a file that grows as fast as it is read has an end all the same
        while left > 0 and (piece := opened.read(min(_PIECE, left))):
            digest.update(piece)
            left -= len(piece)
    return digest.hexdigest(), _stamp(state)


def _stamp(state: os.stat_result) -> tuple[int, ...]:
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns
