from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sonoedge.bundle import Bundle, read_bundle
from sonoedge.bundle.digest import digest
from sonoedge.bundle.identity import manifest_text
from sonoedge.errors import DigestMismatch, SbomNotFound, UnsafeContent
from sonoedge.sbom.of_bundle import FILE, bundle_component, read_sbom
from sonoedge.settings import plain

DATA = Path(__file__).parents[2] / "data"
TINY = DATA / "tiny"


@pytest.fixture
def with_sbom(tmp_path: Path) -> Callable[[bytes], Bundle]:
    """The tiny bundle with these bytes in place of its bill of materials."""

    def make(data: bytes) -> Bundle:
        folder = tmp_path / "bundle"
        shutil.copytree(TINY, folder)
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
        manifest["files"][FILE] = plain(digest(data))
        (folder / FILE).write_bytes(data)
        (folder / "manifest.json").write_text(manifest_text(manifest))
        return read_bundle(folder)

    return make


def test_the_bytes_are_those_of_the_bundle() -> None:
    assert read_sbom(read_bundle(TINY)) == (TINY / FILE).read_bytes()


def test_a_changed_one_is_refused(tmp_path: Path) -> None:
    shutil.copytree(TINY, tmp_path / "b")
    file = tmp_path / "b" / FILE
    file.write_bytes(file.read_bytes().replace(b"NOASSERTION", b"MIT", 1))
    with pytest.raises(DigestMismatch):
        read_sbom(read_bundle(tmp_path / "b"))


def test_a_bundle_without_one_says_how_to_get_one() -> None:
    with pytest.raises(SbomNotFound, match="export it again"):
        read_sbom(read_bundle(DATA / "bundles" / "schema-2"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'{"bomFormat": "SPDX"}',
        b'{"bomFormat": NaN}',
        b'{"bomFormat": "CycloneDX", "name": "\\u001b[31m"}',
        b'{"bomFormat": "CycloneDX", "name": "\\u202e"}',
    ],
)
def test_what_is_no_document_or_acts_on_a_terminal_is_refused(
    with_sbom: Callable[[bytes], Bundle], data: bytes
) -> None:
    with pytest.raises(UnsafeContent, match=FILE.replace(".", r"\.")):
        read_sbom(with_sbom(data))


def test_on_a_device_the_bundle_is_told_by_its_id_and_its_own_lists_number() -> None:
    bundle = read_bundle(TINY)
    properties = bundle_component(bundle).properties
    assert properties["sonoedge:bundle_id"] == bundle.manifest.bundle_id
    assert properties["sonoedge:vouched_by"] == "nobody"
    assert str(properties["sonoedge:sbom"]).startswith("urn:uuid:")
    old = bundle_component(read_bundle(DATA / "bundles" / "schema-2"))
    assert old.properties["sonoedge:sbom"] == "the bundle has none"
