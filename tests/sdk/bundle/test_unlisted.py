from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from sonoedge.bundle import read_bundle
from sonoedge.bundle.unlisted import MOST_ENTRIES, unlisted_files
from sonoedge.errors import DigestMismatch, UnsafeContent
from sonoedge.trust.manifest_signature import ENVELOPE
from sonoedge.trust.policy import TrustPolicy

TINY = Path(__file__).parents[2] / "data" / "tiny"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "b"))


def unlisted(folder: Path) -> tuple[str, ...]:
    bundle = read_bundle(folder, trust=TrustPolicy())
    return unlisted_files(bundle.open_folder, bundle.manifest)


def test_a_bundle_as_it_was_exported_and_signed_has_none(folder: Path) -> None:
    assert unlisted(folder) == ()
    (folder / ENVELOPE).write_bytes(b"")
    assert unlisted(folder) == ()


def test_files_folders_links_and_pipes_are_named(folder: Path) -> None:
    (folder / ".hidden").write_text("")
    (folder / "graphs" / "more.onnx").write_text("")
    (folder / "empty").mkdir()
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "golden" / "link").symlink_to("/etc")
    os.mkfifo(folder / "pipe")
    expected = (".hidden", "deep/", "empty/", "golden/link", "graphs/more.onnx", "pipe")
    assert unlisted(folder) == expected


def test_a_folder_in_the_place_of_a_file_and_any_name_are_named(folder: Path) -> None:
    (folder / "verification.json").unlink()
    (folder / "verification.json").mkdir()
    strange = os.fsencode(folder) + b"/\xff\x1b[2J"
    Path(os.fsdecode(strange)).write_text("")
    assert unlisted(folder) == ("verification.json/", os.fsdecode(b"\xff\x1b[2J"))


def test_a_listed_folder_that_is_gone_or_a_link_is_refused(folder: Path) -> None:
    (folder / "golden").rename(folder.parent / "golden")
    with pytest.raises(DigestMismatch):
        unlisted(folder)
    (folder / "golden").symlink_to(folder.parent / "golden")
    with pytest.raises(UnsafeContent):
        unlisted(folder)


def test_no_more_than_a_bound_is_read_of_a_folder(folder: Path) -> None:
    for number in range(MOST_ENTRIES + 50):
        (folder / "golden" / f"{number}").touch()
    assert MOST_ENTRIES - 10 <= len(unlisted(folder)) <= MOST_ENTRIES
