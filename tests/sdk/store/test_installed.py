from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sonoedge.bundle import Digest, read_bundle
from sonoedge.errors import BundleNotFound, DigestMismatch
from sonoedge.store.installed import InstalledFiles, read_installed
from sonoedge.store.layout import Layout
from sonoedge.trust.policy import TrustPolicy

Installed = Callable[[str], str]
Bundles = Callable[[str], Path]
GRAPH = "graphs/fp32.onnx"


def damage(file: Path) -> None:
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[::-1])


def test_a_file_is_found_by_what_it_holds(root: Path, installed: Installed) -> None:
    bundle = read_bundle(Layout(root=root).bundle(installed("1")))
    files = InstalledFiles(Layout(root=root))
    assert files.read(bundle.manifest.files[GRAPH], "any") == bundle.read(GRAPH)
    with pytest.raises(DigestMismatch, match=r"any is missing"):
        files.read(Digest(sha256="0" * 64, bytes=1), "any")


def test_a_damaged_copy_is_passed_over_for_a_sound_one(root: Path, installed: Installed) -> None:
    names = sorted((installed("1"), installed("2")))
    layout = Layout(root=root)
    digest = read_bundle(layout.bundle(names[0])).manifest.files[GRAPH]
    damage(layout.bundle(names[0]) / GRAPH)
    assert len(InstalledFiles(layout).read(digest, GRAPH)) == digest.bytes
    damage(layout.bundle(names[1]) / GRAPH)
    with pytest.raises(DigestMismatch, match="no installed bundle"):
        InstalledFiles(layout).read(digest, GRAPH)


def test_another_bundle_in_the_place_of_one_is_not_it(
    root: Path, installed: Installed, bundles: Bundles
) -> None:
    name = installed("1")
    layout = Layout(root=root)
    read_installed(layout, name, TrustPolicy())
    shutil.rmtree(layout.bundle(name))
    with pytest.raises(BundleNotFound):
        read_installed(layout, name, TrustPolicy())
    shutil.copytree(bundles("2"), layout.bundle(name))
    with pytest.raises(DigestMismatch, match="lies another one"):
        read_installed(layout, name, TrustPolicy())
