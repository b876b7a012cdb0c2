from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sonoedge.store import Removal, collect_garbage
from sonoedge.store.layout import Layout
from sonoedge.store.locking import Lease
from sonoedge.store.removing import remove_tree
from sonoedge.store.state import read_state, write_state

Installed = Callable[[str], str]


def test_what_runs_and_what_is_fallen_back_to_stay(
    root: Path, good: Installed, installed: Installed
) -> None:
    first, second, third = good("1"), good("2"), installed("3")
    for name in (second, third):
        (Layout(root=root).provision(name) / "engines").mkdir(parents=True)
    assert collect_garbage(root) == Removal(removed=(third,), in_use=())
    assert set(Layout(root=root).installed()) == {first, second}
    assert [p.name for p in (root / "provision").iterdir()] == [second]
    assert list((root / "incoming").iterdir()) == []
    assert collect_garbage(root) == Removal(removed=(), in_use=())


def test_what_a_process_has_open_stays_until_it_is_closed(
    root: Path, good: Installed, installed: Installed
) -> None:
    good("1")
    second = installed("2")
    with Lease(Layout(root=root).bundle(second)):
        assert collect_garbage(root) == Removal(removed=(), in_use=(second,))
    assert collect_garbage(root) == Removal(removed=(second,), in_use=())


def test_failures_of_bundles_that_are_gone_are_remembered_within_bounds(
    root: Path, good: Installed, installed: Installed
) -> None:
    good("1")
    layout, kept = Layout(root=root), installed("2")
    write_state(layout, read_state(layout), tries={"f" * 64: 2, kept: 1}, previous=kept)
    collect_garbage(root)
    assert read_state(layout).tries == {"f" * 64: 2, kept: 1}
    many = {f"{number:064x}": 1 for number in range(300)}
    write_state(layout, read_state(layout), tries=many | {kept: 1})
    collect_garbage(root)
    assert read_state(layout).tries == {kept: 1}


def test_no_link_is_followed(tmp_path: Path) -> None:
    kept, folder = tmp_path / "kept", tmp_path / "folder"
    kept.mkdir()
    (kept / "file").touch()
    (folder / "inner").mkdir(parents=True)
    (folder / "inner/link").symlink_to(kept)
    (folder / "inner").chmod(0o555)
    kept.chmod(0o555)
    remove_tree(folder)
    assert (kept / "file").exists()
    assert kept.stat().st_mode & 0o777 == 0o555
    (tmp_path / "link").symlink_to(kept)
    remove_tree(tmp_path / "link")
    assert (kept / "file").exists()
    with pytest.raises(FileNotFoundError):
        remove_tree(folder)
