"""A folder that is there whole, or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from sonoedge.durable import sync_folder, write_durably
from sonoedge.errors import OutputError


def check_free(folder: Path) -> None:
    """Refuse a folder that holds something already: two reports in one would be taken for one.

    Raises:
        OutputError: it does, or is no folder.
    """
    try:
        if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or _full(folder))):
            raise OutputError(f"{folder} is there already; give a folder that is not")
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror}") from None


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write these files into a new folder, which appears with all of them, or not at all.

    Raises:
        OutputError: it cannot be written, or is there already; nothing is left behind.
    """
    check_free(folder)
    folder = folder.absolute()  # "." has no name beside which a draft could stand
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(draft, ignore_errors=True)  # of a process that was killed
        draft.mkdir(mode=0o700)
        for name, data in files.items():
            write_durably(draft / name, data, 0o600)
        sync_folder(draft)
        draft.rename(folder)
        sync_folder(folder.parent)
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror}") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _full(folder: Path) -> bool:
    return any(folder.iterdir())
