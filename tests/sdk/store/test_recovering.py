from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from sonoedge.errors import StoreError
from sonoedge.store import Recovery, recover
from sonoedge.store.layout import Layout
from sonoedge.store.locking import Lease

Installed = Callable[[str], str]
NOTHING = Recovery(drafts=False, link=False, modes=False)


def tree(root: Path) -> dict[str, int]:
    return {str(p.relative_to(root)): p.lstat().st_mtime_ns for p in root.rglob("*")}


def test_a_store_in_order_is_not_written(root: Path, good: Installed) -> None:
    good("1")
    before = tree(root)
    assert recover(root) == NOTHING
    assert tree(root) == before


def test_drafts_are_removed_and_installed_bundles_stay(root: Path, installed: Installed) -> None:
    name = installed("1")
    draft = root / "incoming" / f"{name}.1"
    (draft / "graphs").mkdir(parents=True)
    (draft / "graphs/fp32.onnx").write_bytes(b"half")
    (draft / "graphs").chmod(0o555)
    (root / "incoming/file").touch()
    (root / ".state.json.77").write_text("{")
    (root / ".current.77").symlink_to("bundles/x")
    assert recover(root).drafts
    assert list((root / "incoming").iterdir()) == []
    assert Layout(root=root).installed() == (name,)
    assert recover(root) == NOTHING


def test_a_draft_that_somebody_works_on_stays(root: Path, installed: Installed) -> None:
    installed("1")
    draft = root / "incoming" / "a"
    draft.mkdir()
    with Lease(draft):
        assert not recover(root).drafts
        assert draft.is_dir()
    assert recover(root).drafts


@pytest.mark.parametrize("how", ["elsewhere", "gone"])
def test_the_link_follows_the_state(root: Path, good: Installed, how: str) -> None:
    name = good("1")
    (root / "current").unlink()
    if how == "elsewhere":
        (root / "current").symlink_to("/etc")
    assert recover(root) == Recovery(drafts=False, link=True, modes=False)
    assert (root / "current").readlink() == Path("bundles") / name


def test_what_is_no_link_is_not_removed(root: Path, good: Installed) -> None:
    good("1")
    (root / "current").unlink()
    (root / "current").mkdir()
    (root / "current" / "mine").touch()
    with pytest.raises(StoreError, match="what runs is not affected"):
        recover(root)
    assert (root / "current" / "mine").exists()
    assert sorted(p.name for p in root.iterdir() if p.name.startswith(".current")) == []


def test_a_folder_that_was_not_yet_protected_is(root: Path, installed: Installed) -> None:
    folder = Layout(root=root).bundle(installed("1"))
    folder.chmod(0o755)
    assert recover(root).modes
    assert stat.S_IMODE(folder.stat().st_mode) == 0o555
