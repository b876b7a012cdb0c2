from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sonoedge.errors import BundleNotFound, StoreError
from sonoedge.store.layout import Layout, make_layout
from sonoedge.store.locking import Lease, exclusive, unused


@pytest.fixture
def layout(root: Path) -> Layout:
    return make_layout(root)


@pytest.fixture
def folder(layout: Layout) -> Path:
    place = layout.bundle("a" * 64)
    place.mkdir()
    return place


def test_two_cannot_change_a_store_at_once(layout: Layout) -> None:
    with (
        exclusive(layout),
        pytest.raises(StoreError, match="another process"),
        exclusive(layout, wait_s=0.0),
    ):
        pass
    with exclusive(layout, wait_s=0.0):
        pass


def test_a_lock_ends_with_its_process(layout: Layout) -> None:
    code = f"""
import os, pathlib
from sonoedge.store.layout import Layout
from sonoedge.store.locking import exclusive
with exclusive(Layout(root=pathlib.Path({str(layout.root)!r}))):
    os.kill(os.getpid(), 9)
"""
    assert subprocess.run([sys.executable, "-c", code], env=os.environ).returncode == -9
    with exclusive(layout, wait_s=0.0):
        pass


def test_a_leased_folder_is_in_use_until_the_last_lease_is_closed(folder: Path) -> None:
    first, second = Lease(folder), Lease(folder)
    for lease in (first, second):
        with unused(folder) as free:
            assert not free
        lease.close()
        lease.close()
    with unused(folder) as free:
        assert free


def test_a_lease_that_nobody_refers_to_ends(folder: Path) -> None:
    Lease(folder)
    with unused(folder) as free:
        assert free


def test_what_is_being_removed_cannot_be_leased(folder: Path) -> None:
    with unused(folder), pytest.raises(BundleNotFound, match="being removed"):
        Lease(folder)


def test_a_folder_that_was_renamed_between_opening_and_locking_is_not_leased(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def opened(path: object, *more: int) -> int:
        fd = real(path, *more)  # type: ignore[arg-type]
        if path == folder:
            folder.rename(folder.with_name("b" * 64))
            folder.mkdir()
        return fd

    monkeypatch.setattr(os, "open", opened)
    with pytest.raises(BundleNotFound, match="being removed"):
        Lease(folder)


def test_no_descriptor_is_lost(folder: Path, layout: Layout) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with Lease(folder), exclusive(layout), unused(folder):
        pass
    folder.rmdir()
    for _ in range(3):
        with pytest.raises(BundleNotFound):
            Lease(folder)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_link_is_no_bundle(folder: Path) -> None:
    link = folder.with_name("b" * 64)
    link.symlink_to(folder)
    with pytest.raises(BundleNotFound):
        Lease(link)
