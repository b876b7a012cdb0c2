"""What lies in a bundle's folder and is not named by its manifest: no digest covers it.

It is never read, so that it cannot mislead an engine; but it is no part of what was signed,
and a copy of the folder would carry it along.
"""

from __future__ import annotations

from typing import Final

from sonoedge.bundle.manifest import Manifest
from sonoedge.bundle.reading import OpenFolder
from sonoedge.trust.manifest_signature import ENVELOPE

MOST_ENTRIES: Final = 4096  # of one folder; a bundle has 256 files at most


def unlisted_files(folder: OpenFolder, manifest: Manifest) -> tuple[str, ...]:
    """Paths below a bundle's folder that its manifest does not name, in order.

    Folders that hold none of its files are named with a slash behind, and not looked into;
    links, pipes and the like are files. A name may hold any characters but "/" and NUL.

    Args:
        folder: as `Bundle.open_folder`.

    Raises:
        DigestMismatch, UnsafeContent: a folder cannot be read, is a link, or is none.
    """
    listed = {*manifest.files, "manifest.json", ENVELOPE}
    folders = {path[:at] for path in listed for at, sign in enumerate(path) if sign == "/"}
    unlisted = []
    for place in ("", *folders):
        for name, is_folder in folder.entries(place, MOST_ENTRIES):
            path = f"{place}/{name}" if place else name
            if path not in (folders if is_folder else listed):
                unlisted.append(f"{path}/" if is_folder else path)
    return tuple(sorted(unlisted))
