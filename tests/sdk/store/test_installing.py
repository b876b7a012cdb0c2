from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sonoedge.bundle.signing import sign_bundle
from sonoedge.errors import (
    BundleBlocked,
    BundleNotFound,
    DigestMismatch,
    SignatureMissing,
    StoreError,
    UnsafeContent,
)
from sonoedge.store import install_bundle, verify_store
from sonoedge.store.layout import Layout
from sonoedge.store.state import EMPTY, write_state
from sonoedge.trust.policy import TrustPolicy
from sonoedge.trust.signing import FileSigner

Installed = Callable[[str], str]
Bundles = Callable[[str], Path]
GRAPH = "graphs/fp32.onnx"
UNSIGNED = TrustPolicy()


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(p.stat().st_mode) for p in (folder, *folder.rglob("*"))}


def left_over(root: Path) -> list[str]:
    return [p.name for p in (root / "incoming").iterdir()]


def test_a_bundle_lies_under_its_manifests_digest_and_cannot_be_written(
    root: Path, installed: Installed, bundles: Bundles
) -> None:
    name = installed("1")
    assert name == hashlib.sha256((bundles("1") / "manifest.json").read_bytes()).hexdigest()
    folder = Layout(root=root).bundle(name)
    assert content(folder) == content(bundles("1"))
    assert modes(folder) == {0o444, 0o555}
    assert left_over(root) == []
    assert not Layout(root=root).state.exists(), "what runs has not changed"


def test_installing_twice_changes_nothing(root: Path, installed: Installed) -> None:
    name = installed("1")
    folder = Layout(root=root).bundle(name)
    before = folder.stat().st_ino
    assert installed("1") == name
    assert folder.stat().st_ino == before


def test_a_damaged_copy_is_replaced(root: Path, installed: Installed, bundles: Bundles) -> None:
    name = installed("1")
    graph = Layout(root=root).bundle(name) / GRAPH
    graph.chmod(0o644)
    graph.write_bytes(b"\0" * graph.stat().st_size)
    assert verify_store(root, trust=UNSIGNED).problems
    assert installed("1") == name
    assert content(Layout(root=root).bundle(name)) == content(bundles("1"))
    assert not verify_store(root, trust=UNSIGNED).problems


def test_files_that_are_here_already_need_not_come_again(
    root: Path, installed: Installed, bundles: Bundles
) -> None:
    whole = content(bundles("2"))
    with_manifest_alone = bundles("2")
    for name in ("graphs", "golden"):
        shutil.rmtree(with_manifest_alone / name)
    with pytest.raises(DigestMismatch, match="no installed bundle has"):
        installed("2")
    installed("1")
    folder = Layout(root=root).bundle(installed("2"))
    assert content(folder) == whole
    assert all(p.stat().st_nlink == 1 for p in folder.rglob("*") if p.is_file())


def test_a_file_that_is_there_and_wrong_is_not_replaced_from_elsewhere(
    root: Path, installed: Installed, bundles: Bundles
) -> None:
    installed("1")
    graph = bundles("2") / GRAPH
    graph.write_bytes(b"\0" * graph.stat().st_size)
    with pytest.raises(DigestMismatch):
        installed("2")
    assert left_over(root) == []


@pytest.mark.parametrize("kind", ["unlisted", "link", "hard link"])
def test_what_could_change_from_outside_is_refused(
    root: Path, installed: Installed, bundles: Bundles, kind: str
) -> None:
    graph = bundles("1") / GRAPH
    if kind == "unlisted":
        (bundles("1") / "more").touch()
    elif kind == "link":
        graph.rename(bundles("1").parent / "g")
        graph.symlink_to(bundles("1").parent / "g")
    else:
        os.link(graph, bundles("1").parent / "g")
    with pytest.raises(UnsafeContent):
        installed("1")
    assert not root.exists(), "nothing is made for a bundle that is refused"


def test_a_bundle_that_nobody_vouches_for_is_refused_where_somebody_must(
    root: Path, bundles: Bundles, demanding: TrustPolicy, signer: FileSigner
) -> None:
    with pytest.raises(SignatureMissing):
        install_bundle(root, bundles("1"), trust=demanding)
    assert not root.exists()
    sign_bundle(bundles("1"), [signer])
    install_bundle(root, bundles("1"), trust=demanding)
    assert not verify_store(root, trust=demanding).problems


def test_a_signature_that_came_later_is_taken_over(
    root: Path, installed: Installed, bundles: Bundles, demanding: TrustPolicy, signer: FileSigner
) -> None:
    name = installed("1")
    assert verify_store(root, trust=demanding).problems
    sign_bundle(bundles("1"), [signer])
    assert install_bundle(root, bundles("1"), trust=demanding) == name
    assert not verify_store(root, trust=demanding).problems


def test_a_blocked_bundle_is_not_installed(root: Path, installed: Installed) -> None:
    name = installed("1")
    write_state(Layout(root=root), EMPTY, blocked=(name,))
    with pytest.raises(BundleBlocked):
        installed("1")


def test_room_is_asked_for_before_anything_is_written(
    root: Path, installed: Installed, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.statvfs

    def full(path: Path) -> os.statvfs_result:
        values = list(real(path))
        values[4] = 10  # f_bavail, in blocks
        return os.statvfs_result(values)

    monkeypatch.setattr(os, "statvfs", full)
    with pytest.raises(StoreError, match="MB are free"):
        installed("1")
    assert Layout(root=root).installed() == ()
    assert left_over(root) == []


def test_a_disk_that_fills_up_meanwhile_leaves_nothing(
    root: Path, installed: Installed, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = 0
    real = os.fsync

    def full(fd: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 8:
            raise OSError(28, "No space left on device")
        real(fd)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        installed("1")
    assert Layout(root=root).installed() == ()
    assert left_over(root) == []


def test_paths_may_be_text(root: Path, bundles: Bundles) -> None:
    name = install_bundle(f"store:{root}", str(bundles("1")), trust=UNSIGNED)
    assert Layout(root=root).installed() == (name,)


def test_no_bundle_is_no_bundle(root: Path, tmp_path: Path) -> None:
    with pytest.raises(BundleNotFound):
        install_bundle(root, tmp_path, trust=UNSIGNED)


def test_several_threads_may_install_the_same_bundle_at_once(
    root: Path, installed: Installed, bundles: Bundles
) -> None:
    bundles("1")
    with ThreadPoolExecutor(4) as pool:
        names = set(pool.map(installed, ["1"] * 4))
    assert names == set(Layout(root=root).installed())
    assert left_over(root) == []
    assert not verify_store(root, trust=UNSIGNED).problems


def test_several_processes_may_install_the_same_bundle_at_once(
    root: Path, bundles: Bundles
) -> None:
    code = f"""
import pathlib
from sonoedge.store import install_bundle
from sonoedge.trust.policy import TrustPolicy
print(install_bundle(pathlib.Path({str(root)!r}), pathlib.Path({str(bundles("1"))!r}),
      trust=TrustPolicy()))
"""
    processes = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    names = {process.communicate()[0] for process in processes}
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert names == {f"{Layout(root=root).installed()[0]}\n"}
    assert left_over(root) == []
    assert not verify_store(root, trust=UNSIGNED).problems
