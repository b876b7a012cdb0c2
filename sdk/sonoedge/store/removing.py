"""Removing bundles that are not needed and not in use, and drafts that nobody works on."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sonoedge.durable import sync_folder
from sonoedge.errors import StoreError
from sonoedge.store.layout import Layout, open_layout
from sonoedge.store.locking import exclusive, unused
from sonoedge.store.state import read_state, write_state

MOST_TRIED: Final = 256  # bundles that failed and are gone are remembered, but not for ever


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What `collect_garbage` did.

    Attributes:
        removed: bundles that are gone, by their manifest's SHA-256.
        in_use: bundles that are not needed, and that a process still has open.
    """

    removed: tuple[str, ...]
    in_use: tuple[str, ...]


def collect_garbage(root: str | Path) -> Removal:
    """Remove every bundle that is neither active nor the previous one, nor open in a process.

    A bundle that was installed and not activated is removed too. What was provisioned for a
    removed bundle goes with it.

    Raises:
        StoreError: there is no store, or it cannot be written.
    """
    layout = open_layout(root)
    removed: list[str] = []
    in_use: list[str] = []
    with exclusive(layout):
        state = read_state(layout)
        for sha256 in layout.installed():
            if sha256 not in (state.active, state.previous):
                (removed if set_aside(layout, layout.bundle(sha256)) else in_use).append(sha256)
        empty_incoming(layout)
        _remove_provision(layout)
        if len(state.tries) > MOST_TRIED:
            here = layout.installed()
            tries = {name: count for name, count in state.tries.items() if name in here}
            write_state(layout, state, tries=tries)
    return Removal(removed=tuple(removed), in_use=tuple(in_use))


def _remove_provision(layout: Layout) -> None:
    """What was provisioned for bundles that are not there any more."""
    folder, installed = layout.provision(""), layout.installed()
    try:
        for place in folder.iterdir():
            if place.name not in installed:
                remove_tree(place)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise StoreError(f"provision results cannot be removed: {error.strerror}") from None


def set_aside(layout: Layout, folder: Path) -> bool:
    """Take a bundle's name away, so that it can be removed; the lock must be held.

    Returns:
        False where a process has it open.

    Raises:
        StoreError: it cannot be renamed.
    """
    with unused(folder) as free:
        if not free:
            return False
        move_aside(layout, folder)
    return True


def move_aside(layout: Layout, folder: Path) -> None:
    """Rename a bundle to where drafts lie; what was provisioned for it stays.

    Raises:
        StoreError: it cannot be renamed.
    """
    number = 0
    while (place := layout.incoming / f"{folder.name}.old{number}").exists():
        number += 1
    try:
        folder.chmod(0o755)  # a folder that is moved is written: it holds its parent's number
        folder.rename(place)
        sync_folder(layout.bundles)
        sync_folder(layout.incoming)
    except OSError as error:
        raise StoreError(
            f"the bundle {folder.name[:12]}... cannot be removed: {error.strerror}"
        ) from None


def empty_incoming(layout: Layout) -> bool:
    """Remove the drafts that no living process works on; the lock must be held.

    Returns:
        whether there was one.

    Raises:
        StoreError: one cannot be removed.
    """
    had = False
    try:
        for draft in layout.incoming.iterdir():
            with unused(draft) as free:
                if free:
                    had = True
                    remove_tree(draft)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise StoreError(f"the store's drafts cannot be removed: {error.strerror}") from None
    return had


def remove_tree(folder: Path) -> None:
    """Remove a folder whose files and folders may be read-only; no link is followed.

    Raises:
        OSError: something cannot be removed.
    """
    if not stat.S_ISDIR(folder.lstat().st_mode):
        folder.unlink()
        return
    folder.chmod(0o755)
    for place, folders, _ in os.walk(folder):
        for name in folders:
            inner = Path(place, name)
            if not inner.is_symlink():
                inner.chmod(0o755)
    shutil.rmtree(folder)
