from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sonoedge.sbom.component import Licence
from sonoedge.sbom.grafted import Grafted, grafted

OWN = {"type": "library", "name": "some_thing", "purl": "pkg:pypi/some_thing@1.2?file_name=x.whl"}
SSL = {
    "type": "library",
    "name": "openssl-libs",
    "version": "1.1.1k-15.el8_6",
    "purl": "pkg:rpm/almalinux/openssl-libs@1.1.1k-15.el8_6",
}


def read(tmp_path: Path, *documents: object) -> Grafted:
    files = []
    for number, document in enumerate(documents):
        files.append(tmp_path / f"{number}.cdx.json")
        text = document if isinstance(document, bytes) else json.dumps(document).encode()
        files[-1].write_bytes(text)
    return grafted("some-thing", tuple(files))


def bom(*components: Any, version: str = "1.4") -> dict[str, Any]:
    return {"bomFormat": "CycloneDX", "specVersion": version, "components": list(components)}


def test_parts_are_merged_over_files_and_the_distribution_itself_is_none(tmp_path: Path) -> None:
    other = {"name": "zlib", "licenses": [{"license": {"id": "Zlib"}}]}
    found = read(tmp_path, bom(OWN, SSL, SSL), bom(SSL, other, version="1.7"))
    assert [(part.name, part.version) for part in found.components] == [
        ("openssl-libs", "1.1.1k-15.el8_6"),
        ("zlib", None),
    ]
    assert found.components[0].purl == SSL["purl"]
    assert found.components[1].licence == Licence(names=("Zlib",))
    assert found.unreadable == ()


def test_parts_within_parts_are_found(tmp_path: Path) -> None:
    inner = {"name": "inner", "hashes": [{"alg": "SHA-256", "content": "AB" * 32}]}
    found = read(tmp_path, bom({"name": "outer", "components": [inner]}))
    assert [part.name for part in found.components] == ["outer", "inner"]
    assert found.components[1].sha256 == "ab" * 32


@pytest.mark.parametrize("document", [b"", b"[]", b"{", b'{"bomFormat": "SPDX"}', b"\xff"])
def test_a_file_that_cannot_be_read_is_named_and_the_others_count(
    tmp_path: Path, document: bytes
) -> None:
    found = read(tmp_path, document, bom(SSL))
    assert [part.name for part in found.components] == ["openssl-libs"]
    assert len(found.unreadable) == 1
    assert found.unreadable[0].startswith("0.cdx.json: ")


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    assert "gone.json" in grafted("some-thing", (tmp_path / "gone.json",)).unreadable[0]


@pytest.mark.parametrize(
    "odd",
    [
        3,
        {"name": 3},
        {"name": ""},
        {"version": "1"},
        {"name": "a", "components": 3},
        {"name": "a", "licenses": [3, {"license": 3}], "hashes": 3, "supplier": []},
        {"name": "a", "hashes": [{"alg": "SHA-256", "content": "x"}], "version": 3, "purl": 3},
    ],
)
def test_odd_values_give_a_part_with_less_or_none(tmp_path: Path, odd: object) -> None:
    for part in read(tmp_path, bom(odd)).components:
        assert part.name == "a"
        assert (part.version, part.licence, part.sha256, part.purl) == (None, None, None, None)
