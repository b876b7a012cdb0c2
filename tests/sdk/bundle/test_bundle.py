from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest

from sonoedge.bundle import read_bundle
from sonoedge.bundle.rules import MOST_FILES, MOST_VARIANTS
from sonoedge.errors import (
    BundleNotFound,
    DigestMismatch,
    InvalidManifest,
    InvalidSettings,
    UnsafeContent,
)

TINY = Path(__file__).parents[2] / "data" / "tiny"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "b"))


@pytest.mark.req("R19")
def test_a_bundle_whose_folder_is_replaced_reads_on_from_the_one_it_was_opened_on(
    copy: Path,
) -> None:
    bundle = read_bundle(copy)
    copy.rename(copy.with_name("moved"))
    shutil.copytree(TINY, copy)
    (copy / "verification.json").write_text("{}")
    bundle.check()
    with pytest.raises(DigestMismatch, match=r"verification.json"):
        read_bundle(copy).check()


def test_the_manifest_is_identified_by_the_bytes_that_were_read(copy: Path) -> None:
    bundle = read_bundle(copy)
    before = hashlib.sha256((copy / "manifest.json").read_bytes()).hexdigest()
    (copy / "manifest.json").write_text("{}")
    assert bundle.manifest_sha256 == before


@pytest.mark.req("R23")
def test_a_file_of_the_right_size_with_one_bit_changed_is_refused(copy: Path) -> None:
    data = bytearray((copy / "graphs/fp32.onnx").read_bytes())
    data[100] ^= 1
    (copy / "graphs/fp32.onnx").write_bytes(data)
    with pytest.raises(DigestMismatch, match=r"graphs/fp32.onnx is not the file .* sha256"):
        read_bundle(copy).check()


@pytest.mark.req("R24")
def test_links_below_the_folder_are_refused_and_one_to_the_folder_is_followed(
    copy: Path, tmp_path: Path
) -> None:
    (tmp_path / "current").symlink_to(copy)
    read_bundle(tmp_path / "current").check()
    (copy / "graphs").rename(tmp_path / "graphs")
    (copy / "graphs").symlink_to(tmp_path / "graphs")
    with pytest.raises(UnsafeContent, match=r"graphs/fp32.onnx is reached through a link"):
        read_bundle(copy).check()


def test_a_manifest_that_is_no_regular_file_is_refused_without_waiting(copy: Path) -> None:
    manifest = copy / "manifest.json"
    manifest.unlink()
    os.mkfifo(manifest)
    with pytest.raises(InvalidManifest, match=r"manifest.json is not a regular file"):
        read_bundle(copy)
    manifest.unlink()
    manifest.symlink_to("/dev/zero")
    with pytest.raises(InvalidManifest, match=r"manifest.json is reached through a link"):
        read_bundle(copy)


def test_a_manifest_that_is_too_long_is_not_read(copy: Path) -> None:
    with (copy / "manifest.json").open("wb") as out:
        out.truncate(64 << 30)
    with pytest.raises(InvalidManifest, match="at most 1048576 are read"):
        read_bundle(copy)


def test_what_is_no_folder_is_no_bundle(copy: Path, tmp_path: Path) -> None:
    with pytest.raises(BundleNotFound, match="it is a file; give the folder that holds it"):
        read_bundle(copy / "manifest.json")
    for path in (tmp_path, tmp_path / "none", f"{tmp_path}/a\0b"):
        with pytest.raises(
            BundleNotFound, match=r"is no bundle: .*; make one with sonoedge export"
        ):
            read_bundle(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({f"f{n}": {"bytes": 1, "sha256": "0" * 64} for n in range(MOST_FILES)}, "files; at most"),
        ({"a": {"bytes": -1, "sha256": "0" * 64}}, r"files.a must have 0 to"),
        ({"a": {"bytes": 1 << 32, "sha256": "0" * 64}}, r"files.a must have 0 to"),
        ({"a": {"bytes": 1, "sha256": "0" * 63}}, "64 hexadecimal digits"),
        ({"a": {"bytes": 1, "sha256": "A" * 64}}, "64 hexadecimal digits"),
        ({"manifest.json": {"bytes": 1, "sha256": "0" * 64}}, "plain path of another file"),
        ({"a b/../c": {"bytes": 1, "sha256": "0" * 64}}, "plain path"),
        (
            {f"f{n}": {"bytes": 1 << 31, "sha256": "0" * 64} for n in range(9)},
            "more than 17179869184",
        ),
    ],
)
def test_files_that_no_export_names_are_refused(
    copy: Path, change: dict[str, object], message: str
) -> None:
    data = json.loads((copy / "manifest.json").read_text())
    data["files"].update(change)
    (copy / "manifest.json").write_text(json.dumps(data))
    with pytest.raises(InvalidManifest, match=message):
        read_bundle(copy)


def test_more_variants_than_any_export_writes_are_refused(copy: Path) -> None:
    data = json.loads((copy / "manifest.json").read_text())
    one = data["variants"][0]
    data["variants"] += [{**one, "id": f"v{n}"} for n in range(MOST_VARIANTS)]
    (copy / "manifest.json").write_text(json.dumps(data))
    with pytest.raises(InvalidManifest, match="names 66 variants"):
        read_bundle(copy)


@pytest.mark.parametrize("folder", [None, 3, b"bundle"])
def test_what_is_no_path_is_refused_as_a_setting(folder: object) -> None:
    with pytest.raises(InvalidSettings, match=f"not as {type(folder).__name__}"):
        read_bundle(folder)  # type: ignore[arg-type]
