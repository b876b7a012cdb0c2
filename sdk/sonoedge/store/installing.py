"""Copying a bundle into a store: whole, checked and on the disk before it gets its name."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sonoedge.bundle import Bundle, read_bundle
from sonoedge.durable import sync_folder, write_durably
from sonoedge.errors import BundleError, StoreError
from sonoedge.store.contents import check_contents
from sonoedge.store.installed import InstalledFiles, read_installed
from sonoedge.store.layout import Layout, make_layout
from sonoedge.store.locking import exclusive
from sonoedge.store.recovering import protect
from sonoedge.store.removing import move_aside, remove_tree
from sonoedge.store.state import read_state
from sonoedge.store.trying import check_blocked
from sonoedge.trust.envelope import MOST_BYTES as MOST_ENVELOPE_BYTES
from sonoedge.trust.manifest_signature import ENVELOPE
from sonoedge.trust.policy import TrustPolicy, read_policy

MANIFEST: Final = "manifest.json"
ROOM: Final = 2  # times the bundle's size: the disk must not be full when the state is written


def install_bundle(
    root: str | Path,
    source: str | Path,
    *,
    trust: TrustPolicy | None = None,
    test_doubles: bool = False,
) -> str:
    """Put a bundle into a store, which is made where there is none; what runs does not change.

    A file that is missing from the source is taken from an installed bundle that has one with
    the same digest. Installing what is installed already, and sound, does nothing; a damaged
    copy is replaced. It may be interrupted at any point.

    Args:
        root: the store's folder.
        source: the bundle's folder.
        trust: whose signatures it needs; None takes the device's policy file.
        test_doubles: as `sonoedge.open`.

    Returns:
        its manifest's SHA-256, by which the store knows it.

    Raises:
        BundleError: the bundle is damaged, or is not signed by whom this device trusts;
            `UnsafeContent`: it holds a link, a hard link or a file that its manifest does not
            name; `BundleBlocked`: it failed on this device before.
        StoreError: the store cannot be made or written, has too little room, or lies on a file
            system that cannot hold one.
    """
    policy = read_policy() if trust is None else trust
    bundle = read_bundle(source, test_doubles=test_doubles, trust=policy)
    missing = check_contents(bundle)
    layout = make_layout(root)
    sha256 = bundle.manifest_sha256
    check_blocked(read_state(layout), sha256)
    if _is_sound(layout, sha256, policy, test_doubles):
        return sha256
    _check_room(layout, bundle)
    installed = InstalledFiles(layout, test_doubles=test_doubles)
    try:
        with _draft(layout, sha256) as draft:
            for path, digest in bundle.manifest.files.items():
                data = installed.read(digest, path) if path in missing else bundle.read(path)
                _write(draft, path, data)
            _write_manifest(draft, bundle)
            _finish(draft)
            # What was copied is what is opened from now on: its signatures are asked again.
            read_bundle(draft, test_doubles=test_doubles, trust=policy)
            _put_in_place(layout, draft, sha256, policy, test_doubles)
    except BundleError:
        raise  # BundleNotFound is an OSError as well
    except OSError as error:
        raise StoreError(f"the bundle cannot be installed: {error.strerror}") from None
    return sha256


def _is_sound(layout: Layout, sha256: str, policy: TrustPolicy, test_doubles: bool) -> bool:
    """Whether this bundle is installed, every file of it as it should be."""
    try:
        bundle = read_installed(layout, sha256, policy, test_doubles=test_doubles)
        return not check_contents(bundle)
    except BundleError:
        return False


def _check_room(layout: Layout, bundle: Bundle) -> None:
    needed = ROOM * sum(digest.bytes for digest in bundle.manifest.files.values())
    disk = os.statvfs(layout.root)
    free = disk.f_bavail * disk.f_frsize
    if free < needed:
        raise StoreError(
            f"{free / 1e6:.1f} MB are free, {needed / 1e6:.1f} MB are needed to install "
            "the bundle; remove what is not needed: sonoedge store gc"
        )


@contextlib.contextmanager
def _draft(layout: Layout, sha256: str) -> Iterator[Path]:
    """A folder for the copy, which is removed unless it was renamed; held while it is written."""
    draft = layout.incoming / f"{sha256}.{secrets.token_hex(4)}"
    with exclusive(layout):  # nobody may empty the folder of drafts before this one is held
        layout.incoming.mkdir(exist_ok=True)
        draft.mkdir()
        fd = os.open(draft, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    try:
        yield draft
    finally:
        os.close(fd)
        with contextlib.suppress(OSError):  # the next start empties the folder
            remove_tree(draft)


def _write(draft: Path, path: str, data: bytes) -> None:
    file = draft / path
    file.parent.mkdir(parents=True, exist_ok=True)
    write_durably(file, data, 0o444)


def _write_manifest(draft: Path, bundle: Bundle) -> None:
    _write(draft, MANIFEST, bundle.vouched.payload)
    envelope = bundle.open_folder.read_if_there(ENVELOPE, MOST_ENVELOPE_BYTES)
    if envelope is not None:
        _write(draft, ENVELOPE, envelope)


def _finish(draft: Path) -> None:
    """Make folders read-only, but for the one that is renamed; let their names reach the disk."""
    for folder, _, _ in os.walk(draft, topdown=False):
        if folder != str(draft):
            protect(Path(folder))
        sync_folder(Path(folder))


def _put_in_place(
    layout: Layout, draft: Path, sha256: str, policy: TrustPolicy, test_doubles: bool
) -> None:
    final = layout.bundle(sha256)
    with exclusive(layout):
        if final.exists():
            if _is_sound(layout, sha256, policy, test_doubles):
                return  # another process was faster
            move_aside(layout, final)
        draft.rename(final)
        protect(final)
        sync_folder(layout.bundles)
        sync_folder(layout.incoming)
