"""Where everything of a store lies, and on which file systems it may.

STORE/state.json        which bundle runs: the one truth, replaced in one step
STORE/bundles/SHA256/   bundles, named by their manifest's digest; never changed
STORE/provision/SHA256/ what was built and measured here for a bundle
STORE/incoming/         drafts, and what is being removed; emptied at each start
STORE/current           a link to the active bundle, for shells; never read by sonoedge
STORE/.lock             held by whoever changes state.json or the names of bundles
"""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from sonoedge.bundle.location import BUNDLES, PROVISION, SHA256, store_root
from sonoedge.durable import sync_folder
from sonoedge.errors import InvalidSettings, StoreError

# File systems by statfs(2): a rename is not one step on the FAT ones; over the network it is not
# one for other machines, and locks may hold on one machine alone.
REFUSED: Final = {
    0x4D44: "vfat",
    0x2011BAB0: "exfat",
    0x6969: "nfs",
    0x517B: "smb",
    0xFE534D42: "smb",
    0xFF534D42: "cifs",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The paths of a store.

    Attributes:
        root: the store's folder, absolute.
    """

    root: Path

    @property
    def state(self) -> Path:
        """The file that says which bundle runs."""
        return self.root / "state.json"

    @property
    def bundles(self) -> Path:
        """The folder of bundles."""
        return self.root / BUNDLES

    @property
    def incoming(self) -> Path:
        """The folder of drafts."""
        return self.root / "incoming"

    @property
    def current(self) -> Path:
        """The link to the active bundle."""
        return self.root / "current"

    @property
    def lock(self) -> Path:
        """The file that whoever changes the store holds locked."""
        return self.root / ".lock"

    def bundle(self, sha256: str) -> Path:
        """A bundle's folder."""
        return self.bundles / sha256

    def provision(self, sha256: str) -> Path:
        """What was built and measured here for a bundle."""
        return self.root / PROVISION / sha256

    def installed(self) -> tuple[str, ...]:
        """The digests of the bundles that are there, sound or not.

        Raises:
            StoreError: the folder cannot be read.
        """
        try:
            names = [place.name for place in self.bundles.iterdir()]
        except OSError as error:
            raise StoreError(f"the store's bundles cannot be listed: {error.strerror}") from None
        return tuple(sorted(name for name in names if SHA256.fullmatch(name)))


def open_layout(root: str | Path) -> Layout:
    """The layout of a store that is there.

    Args:
        root: the store's folder; "store:PATH" is the same.

    Raises:
        InvalidSettings: it is no path.
        StoreError: there is none, or its file system cannot hold one.
    """
    layout = Layout(root=_absolute(root))
    if not layout.bundles.is_dir():
        raise StoreError(
            f"there is no store at {str(root)!r}; sonoedge install BUNDLE --store makes one"
        )
    _check_file_system(layout.root)
    return layout


def make_layout(root: str | Path) -> Layout:
    """The layout of a store, which is made where there is none.

    Raises:
        InvalidSettings: it is no path.
        StoreError: it cannot be made there.
    """
    layout = Layout(root=_absolute(root))
    try:
        layout.root.mkdir(parents=True, exist_ok=True)
        _check_file_system(layout.root)
        folders = (layout.bundles, layout.incoming, layout.root / PROVISION)
        if not all(folder.is_dir() for folder in folders):
            for folder in folders:
                folder.mkdir(exist_ok=True)
            sync_folder(layout.root)
            sync_folder(layout.root.parent)
    except OSError as error:
        raise StoreError(f"no store can be made at {str(root)!r}: {error.strerror}") from None
    return layout


def _absolute(root: str | Path) -> Path:
    if not isinstance(cast("object", root), str | Path) or "\0" in str(root):
        raise InvalidSettings(f"a store is given by its folder's path, not by {root!r:.80}")
    return (store_root(root) or Path(root)).absolute()


def _check_file_system(folder: Path) -> None:
    name = REFUSED.get(file_system(folder))
    if name is not None:
        raise StoreError(
            f"a store cannot lie on {name}: it needs renames in one step, and locks; use a file "
            "system of the device's own, such as ext4"
        )


def file_system(folder: Path) -> int:
    """The number by which Linux knows the file system that a folder lies on.

    Raises:
        StoreError: the system does not say.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    # struct statfs begins with f_type, a word; what follows is no more than 120 bytes.
    answer = (ctypes.c_long * 64)()
    if libc.statfs(os.fsencode(folder), ctypes.byref(answer)) != 0:
        why = os.strerror(ctypes.get_errno())
        raise StoreError(f"the file system of {str(folder)!r} cannot be told: {why}")
    return int(answer[0]) & 0xFFFFFFFF
