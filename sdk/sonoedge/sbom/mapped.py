"""The libraries whose code is mapped into this process, as the kernel lists them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sonoedge.errors import RuntimeUnavailable

MAPS: Final = Path("/proc/self/maps")
_LINE: Final = re.compile(
    r"[0-9a-f]+-[0-9a-f]+ (?P<rights>[rwxps-]{4}) [0-9a-f]+ \S+ \d+ *(?P<path>/.*)?"
)
_REMOVED: Final = " (deleted)"
# Memory that has a name in place of a file: code that a compiler within the process made.
_NO_FILE: Final = ("/memfd:", "/dev/", "/anon_hugepage", "/SYSV")


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedFiles:
    """Files with executable pages.

    Attributes:
        paths: those that are there, sorted.
        removed: those that were replaced or removed since they were loaded: what runs is not
            what lies there now.
    """

    paths: tuple[Path, ...]
    removed: tuple[str, ...]


def mapped_files(maps: Path = MAPS) -> MappedFiles:
    """What is mapped now.

    Raises:
        RuntimeUnavailable: the kernel does not tell.
    """
    paths, removed = set(), set()
    try:
        text = maps.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise RuntimeUnavailable(
            f"{maps} cannot be read ({error.strerror}): which code is loaded is not known here; "
            "mount /proc"
        ) from None
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if match is None or match["path"] is None or "x" not in match["rights"]:
            continue
        path = match["path"].replace("\\012", "\n")
        if path.startswith(_NO_FILE):
            continue
        if path.endswith(_REMOVED):
            removed.add(path.removesuffix(_REMOVED))
        else:
            paths.add(Path(path).resolve())
    return MappedFiles(paths=tuple(sorted(paths)), removed=tuple(sorted(removed)))
