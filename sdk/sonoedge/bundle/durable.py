"""Files that are there after a power cut: a name is not safe before its folder is written out."""

from __future__ import annotations

import os
from pathlib import Path


def write_durably(file: Path, data: bytes) -> None:
    """Write a file that was not there, and wait until it has reached the disk.

    Its folder must be written out as well: `sync_folder`.

    Raises:
        OSError: it exists, or cannot be written.
    """
    with file.open("xb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())


def replace_durably(file: Path, data: bytes) -> None:
    """Put a file in place of one that may be there: after a power cut it is the old or the new.

    Raises:
        OSError: it cannot be written; what was there is unchanged.
    """
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    try:
        write_durably(draft, data)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(file.parent)


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
