"""What an interrupted change left is removed, and what follows from the state is put right."""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from sonoedge.bundle.location import BUNDLES
from sonoedge.durable import sync_folder
from sonoedge.errors import StoreError
from sonoedge.store.layout import Layout, open_layout
from sonoedge.store.locking import exclusive
from sonoedge.store.removing import empty_incoming
from sonoedge.store.state import State, read_state


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What `recover` did.

    Attributes:
        drafts: something half written was removed.
        link: the link `current` pointed elsewhere, or nowhere.
        modes: a bundle's folder could be written.
    """

    drafts: bool
    link: bool
    modes: bool


def recover(root: str | Path) -> Recovery:
    """Put the store in order, after whatever interrupted a change. Twice is harmless.

    Installed bundles stay. Where nothing is to be done, nothing is written: a store on a
    read-only file system passes.

    Raises:
        StoreError: there is no store, its state is damaged, or it cannot be written.
    """
    layout = open_layout(root)
    with exclusive(layout):
        return recover_locked(layout, read_state(layout))


def recover_locked(layout: Layout, state: State) -> Recovery:
    """`recover`, by whoever holds the lock and has read the state.

    Raises:
        StoreError: the store cannot be written.
    """
    try:
        drafts = _remove_drafts(layout)
        modes = _protect_bundles(layout)
    except OSError as error:
        raise StoreError(f"the store cannot be put in order: {error.strerror}") from None
    drafts = empty_incoming(layout) or drafts
    return Recovery(drafts=drafts, link=repair_link(layout, state), modes=modes)


def repair_link(layout: Layout, state: State) -> bool:
    """Let `current` point to the active bundle; the lock must be held.

    Returns:
        whether it did not.

    Raises:
        StoreError: it cannot be written; the state holds all the same.
    """
    target = None if state.active is None else os.path.join(BUNDLES, state.active)  # noqa: PTH118
    if _target(layout.current) == target:
        return False
    draft = layout.root / f".current.{os.getpid()}"
    try:
        if target is None:
            layout.current.unlink()
        else:
            draft.unlink(missing_ok=True)
            draft.symlink_to(target)
            draft.replace(layout.current)
        sync_folder(layout.root)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise StoreError(
            f"the link {layout.current.name!r} cannot be written ({error.strerror}); what runs is "
            "not affected; run: sonoedge store recover"
        ) from None
    return True


def _target(link: Path) -> str | None:
    try:
        return os.readlink(link)  # noqa: PTH115 - the text itself is compared
    except OSError:
        return None


def _remove_drafts(layout: Layout) -> bool:
    """Files that were to be renamed to state.json or current."""
    had = False
    for place in layout.root.iterdir():
        if place.name.startswith((".state.json.", ".current.")):
            place.unlink(missing_ok=True)
            had = True
    return had


def protect(folder: Path) -> bool:
    """Let nobody write into a folder of a bundle.

    Returns:
        whether anybody could.

    Raises:
        OSError: its mode cannot be changed.
    """
    mode = stat.S_IMODE(folder.lstat().st_mode)
    if mode & 0o222:
        folder.chmod(mode & ~0o222)
    return bool(mode & 0o222)


def _protect_bundles(layout: Layout) -> bool:
    """A bundle is renamed into its place and then made read-only: the power may go between."""
    had = False
    for sha256 in layout.installed():
        folder = layout.bundle(sha256)
        had = (folder.is_dir() and protect(folder)) or had
    return had
