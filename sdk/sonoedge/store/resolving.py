"""Which bundle of a store is meant, without changing anything."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sonoedge.bundle.location import store_root
from sonoedge.errors import BundleNotFound, InvalidSettings, StoreError
from sonoedge.store.activating import nothing_active
from sonoedge.store.layout import open_layout
from sonoedge.store.locking import Lease
from sonoedge.store.state import read_state

_CHANGES: Final = 10  # of the active bundle, while one looks


def resolve(bundle: str | Path) -> Lease:
    """The folder of the bundle that is active in a store, held against removal; nothing is written.

    Its trial is not counted and its files are not checked: `start` does that.

    Args:
        bundle: "store:PATH".

    Returns:
        the folder, and the lock on it, which is let go by `close`.

    Raises:
        InvalidSettings: it names no store.
        NoGoodBundle: no bundle is active.
        BundleNotFound: the active one is not there.
        StoreError: there is no store, or its state is damaged.
    """
    root = store_root(bundle)
    if root is None:
        raise InvalidSettings(f"{str(bundle)[:80]!r} names no store; write store:PATH")
    layout = open_layout(root)
    for _ in range(_CHANGES):
        state = read_state(layout)
        if state.active is None:
            raise nothing_active(state)
        try:
            return Lease(layout.bundle(state.active))
        except BundleNotFound:
            if read_state(layout).active == state.active:
                raise
    raise StoreError("the store changes faster than it can be read; try again")
