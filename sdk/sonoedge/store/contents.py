"""Whether a bundle's folder holds what its manifest names, and nothing beside it."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping

from sonoedge.bundle import Bundle
from sonoedge.errors import UnsafeContent
from sonoedge.trust.manifest_signature import ENVELOPE


def check_contents(bundle: Bundle) -> frozenset[str]:
    """Refuse what a digest does not cover, and what can change from outside the folder.

    Returns:
        the files of the manifest that are not there.

    Raises:
        UnsafeContent: a file or folder that the manifest does not name, a link, a file that has
            a second name, or no regular file.
        DigestMismatch: the folder cannot be listed.
    """
    files = {*bundle.manifest.files, "manifest.json", ENVELOPE}
    folders = {"/".join(parts[:n]) for parts in map(_parts, files) for n in range(1, len(parts))}
    entries = bundle.open_folder.walk()
    for path, entry in sorted(entries.items()):
        _check(path, entry, files, folders)
    return frozenset(_missing(bundle, entries))


def _check(path: str, entry: os.stat_result, files: set[str], folders: set[str]) -> None:
    name = repr(path)[:80]
    if path not in files | folders:
        raise UnsafeContent(
            f"the manifest does not name {name}, so that no digest covers it; remove it"
        )
    if path in folders:
        if not stat.S_ISDIR(entry.st_mode):
            raise UnsafeContent(f"{name} is no folder; copy the bundle again")
    elif not stat.S_ISREG(entry.st_mode):
        raise UnsafeContent(f"{name} is a link, or no regular file; copy the bundle (cp -rL)")
    elif entry.st_nlink > 1:
        raise UnsafeContent(
            f"{name} has a second name (a hard link), by which it can be changed; copy the bundle"
        )


def _parts(path: str) -> list[str]:
    return path.split("/")


def _missing(bundle: Bundle, entries: Mapping[str, os.stat_result]) -> set[str]:
    return {path for path in bundle.manifest.files if path not in entries}
