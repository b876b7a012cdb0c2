from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sonoedge.bundle import read_bundle
from sonoedge.errors import UnsafeContent
from sonoedge.store.contents import check_contents

Change = Callable[[Path], object]


def _link(folder: Path) -> None:
    file = folder / "graphs/fp32.onnx"
    file.rename(folder.parent / "elsewhere")
    file.symlink_to(folder.parent / "elsewhere")


def _hard_link(folder: Path) -> None:
    os.link(folder / "graphs/fp32.onnx", folder.parent / "second name")


def _linked_folder(folder: Path) -> None:
    (folder / "graphs").rename(folder.parent / "graphs")
    (folder / "graphs").symlink_to(folder.parent / "graphs")


def _pipe(folder: Path) -> None:
    (folder / "verification.json").unlink()
    os.mkfifo(folder / "verification.json")


def _folder_for_a_file(folder: Path) -> None:
    (folder / "verification.json").unlink()
    (folder / "verification.json").mkdir()


CHANGES: dict[str, Change] = {
    "an unlisted file": lambda f: (f / "notes.txt").write_text("x"),
    "an unlisted file in a folder": lambda f: (f / "graphs/w.bin").write_text("x"),
    "an unlisted hidden file": lambda f: (f / ".git").write_text("x"),
    "an unlisted empty folder": lambda f: (f / "more").mkdir(),
    "a dangling link": lambda f: (f / "x").symlink_to("nowhere"),
    "a link": _link,
    "a hard link": _hard_link,
    "a linked folder": _linked_folder,
    "a pipe": _pipe,
    "a folder for a file": _folder_for_a_file,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_no_digest_covers_is_refused(bundles: Callable[[str], Path], change: Change) -> None:
    bundle = read_bundle(bundles("1"))
    assert check_contents(bundle) == frozenset()
    change(bundle.folder)
    with pytest.raises(UnsafeContent):
        check_contents(bundle)


def test_what_is_missing_is_told(bundles: Callable[[str], Path]) -> None:
    bundle = read_bundle(bundles("1"))
    (bundle.folder / "graphs/fp32.onnx").unlink()
    (bundle.folder / "graphs").rmdir()
    assert check_contents(bundle) == {"graphs/fp32.onnx"}


def test_a_folder_of_very_many_files_is_refused(bundles: Callable[[str], Path]) -> None:
    bundle = read_bundle(bundles("1"))
    for number in range(4100):
        (bundle.folder / f"{number}").touch()
    with pytest.raises(UnsafeContent, match="more than 4096"):
        check_contents(bundle)
