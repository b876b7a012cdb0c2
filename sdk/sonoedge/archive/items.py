"""What an archive consists of: its items, in an order that every machine agrees on."""

from __future__ import annotations

import fnmatch
import hashlib
import json
import os
import re
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sonoedge.errors import SourceError
from sonoedge.sources.folder import recognised
from sonoedge.sources.formats import PICTURE

# So many pictures of a folder make one item: stills, of which each stands alone.
PICTURES_PER_ITEM: Final = 500
# What a name holds that is no printable text: control characters, bytes that are not UTF-8
# (Python's surrogates), and the backslash that begins an escape.
_UNPRINTABLE: Final = re.compile(r"[\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of an archive.

    Attributes:
        path: below the archive's folder, as the system spells it: of a file, or of the folder
            whose pictures these are ("" for the archive's own).
        pictures: their names in order; () of a file.
        first: which of the folder's pictures the first one is, from 0.
    """

    path: str
    pictures: tuple[str, ...] = ()
    first: int = 0

    @property
    def name(self) -> str:
        """What reports call it: printable text, equal for no two items of an archive."""
        if not self.pictures:
            return escaped(self.path)
        last = self.first + len(self.pictures)
        return escaped(os.path.join(self.path, f"[{self.first}:{last}]"))  # noqa: PTH118

    @property
    def id(self) -> str:
        """What its part file is called: a digest of where it lies, 32 hexadecimal digits."""
        where = os.fsencode(self.path) + (b"\0%d" % self.first if self.pictures else b"")
        return hashlib.sha256(where).hexdigest()[:32]

    def files(self, archive: Path) -> Iterator[Path]:
        """The files that it consists of."""
        if not self.pictures:
            yield archive / self.path
        for name in self.pictures:
            yield archive / self.path / name

    def to_json(self) -> str:
        """One line of ASCII."""
        return json.dumps({"path": self.path, "pictures": self.pictures, "first": self.first})

    @staticmethod
    def from_json(text: str) -> Item:
        """The item again."""
        values = json.loads(text)
        return Item(path=values["path"], pictures=tuple(values["pictures"]), first=values["first"])


_UNLISTED: Final = "folder that cannot be listed"
_UNKNOWN: Final = "file that cannot be looked at"


@dataclass(kw_only=True)
class LeftOut:
    """What is no item, counted by why; grows while items are found."""

    why: Counter[str] = field(default_factory=Counter)

    @property
    def unreadable(self) -> int:
        """Folders and files that may well hold items: they are missing, not left out."""
        return self.why[_UNLISTED] + self.why[_UNKNOWN]


def find_items(
    archive: Path, *, glob: str | None = None, follow: bool = False, left_out: LeftOut | None = None
) -> Iterator[Item]:
    """The items below a folder, by their names: a folder's own before those of its folders.

    One folder's names are held at a time, never the archive's.

    Args:
        glob: files whose path below the archive, or whose name, matches it; others are left out.
        follow: follow symbolic links, also out of the archive; loops are not gone round.
        left_out: counts what is no item.

    Raises:
        SourceError: the archive is no folder, or cannot be listed. A folder below that cannot
            be listed is counted as left out.
    """
    counts = (left_out or LeftOut()).why
    if not archive.is_dir():
        raise SourceError(f"{archive.name} is no folder")
    yield from _of_folder(archive, "", glob, follow, counts, ())


def _of_folder(
    archive: Path,
    path: str,
    glob: str | None,
    follow: bool,
    counts: Counter[str],
    above: tuple[tuple[int, int], ...],
) -> Iterator[Item]:
    try:
        with os.scandir(archive / path) as entries:
            found = sorted(entries, key=lambda entry: os.fsencode(entry.name))
            status = (archive / path).stat()
    except OSError as error:
        if not path:
            raise SourceError(f"{archive.name} cannot be listed: {error.strerror}") from None
        counts[_UNLISTED] += 1
        return
    here = (status.st_dev, status.st_ino)
    if here in above:
        counts["link that goes round"] += 1
        return
    folders: list[str] = []
    pictures: list[str] = []
    for entry in found:
        below = os.path.join(path, entry.name)  # noqa: PTH118
        kind = _kind(entry, follow)
        if kind == "folder":
            folders.append(below)
        elif kind != "file":
            counts[kind] += 1
        elif glob is not None and not (
            fnmatch.fnmatchcase(below, glob) or fnmatch.fnmatchcase(entry.name, glob)
        ):
            counts["not matched by --glob"] += 1
        elif (format := recognised(archive / below)) is None:
            counts["file of a kind that is not read"] += 1
        elif format is PICTURE:
            pictures.append(entry.name)
        else:
            yield Item(path=below)
    for first in range(0, len(pictures), PICTURES_PER_ITEM):
        names = tuple(pictures[first : first + PICTURES_PER_ITEM])
        yield Item(path=path, pictures=names, first=first)
    for below in folders:
        yield from _of_folder(archive, below, glob, follow, counts, (*above, here))


def _kind(entry: os.DirEntry[str], follow: bool) -> str:
    if entry.is_symlink() and not follow:
        return "link, which is not followed"
    try:
        mode = entry.stat(follow_symlinks=follow).st_mode
    except OSError:
        return _UNKNOWN
    if stat.S_ISDIR(mode):
        return "folder"
    return "file" if stat.S_ISREG(mode) else "pipe, device or socket"


def escaped(text: str) -> str:
    """A name as printable text; two names never give the same."""
    return _UNPRINTABLE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if character == "\\":
        return "\\\\"
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}"
