from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from sonoedge.bundle.identity import manifest_text
from sonoedge.bundle.parse import parse
from sonoedge.errors import InvalidManifest

TEXT = (Path(__file__).parents[2] / "data/tiny/manifest.json").read_bytes()


def test_what_was_parsed_writes_back_to_the_same_bytes() -> None:
    assert parse(TEXT).to_json().encode() == TEXT


def test_a_manifest_that_was_edited_is_refused_and_one_that_was_written_anew_is_not() -> None:
    edited = TEXT.replace(b'"intended_use": "Tests."', b'"intended_use": "Others"')
    assert edited != TEXT
    with pytest.raises(InvalidManifest, match="changed after it was written"):
        parse(edited)
    assert parse(manifest_text(json.loads(edited)).encode()).intended_use == "Others"


def test_the_id_begins_with_name_and_version() -> None:
    data = json.loads(TEXT)
    text = json.dumps(data | {"name": "other"}).encode()
    with pytest.raises(InvalidManifest, match=r"bundle_id 'dark-spots-1-.*' is not the one"):
        parse(text)


@pytest.mark.parametrize("version", [1, 3, 2.0, "2", True, None, [], 10**15])
def test_another_schema_version_is_refused_with_what_to_do(version: Any) -> None:
    data = json.loads(TEXT) | {"schema_version": version}
    with pytest.raises(InvalidManifest, match=r"reads 2; .*sonoedge export RECIPE --out BUNDLE"):
        parse(json.dumps(data).encode())


@pytest.mark.parametrize("text", [b"", b"[]", b"1", b"null", b'"a"'])
def test_what_is_no_table_is_no_manifest(text: bytes) -> None:
    with pytest.raises(InvalidManifest):
        parse(text)


def test_a_damaged_manifest_is_refused_with_what_to_do() -> None:
    at = TEXT.index(b'"schema_version"')
    damaged = TEXT[:at] + b"\x02" + TEXT[at + 1 :]
    with pytest.raises(InvalidManifest, match=r"is not valid JSON: .*; copy the bundle again$"):
        parse(damaged)
    data = json.loads(TEXT)
    del data["gates"]["dice_drop"]
    with pytest.raises(InvalidManifest, match=r"missing; copy or export the bundle again$"):
        parse(manifest_text(data).encode())


def test_control_characters_are_refused_wherever_they_stand() -> None:
    for change in ({"intended_use": "a\x1b[2J"}, {"lineage": {"a": [{"b\x07": 1}]}}):
        with pytest.raises(InvalidManifest, match=r"holds the character U\+00"):
            parse(manifest_text(json.loads(TEXT) | change).encode())


def test_every_gate_must_be_there() -> None:
    data = json.loads(TEXT)
    del data["gates"]["dice_drop"]
    with pytest.raises(InvalidManifest, match=r"gates.dice_drop is missing"):
        parse(manifest_text(data).encode())


def test_nothing_stands_between_the_ids_version_and_its_digits() -> None:
    data = json.loads(TEXT)
    prefix = f"{data['name']}-{data['version']}-more-"
    blank = json.dumps(data | {"bundle_id": prefix + "0" * 12})
    digits = hashlib.sha256(blank.encode()).hexdigest()[:12]
    with pytest.raises(InvalidManifest, match=r"bundle_id 'dark-spots-1-more-.*' is not the one"):
        parse(blank.replace(prefix + "0" * 12, prefix + digits).encode())


@pytest.mark.parametrize("text", [b"5", b"[]", b'"x"', b"null"])
def test_a_manifest_that_is_no_object_is_said_to_be_none(text: bytes) -> None:
    with pytest.raises(InvalidManifest, match=r"is not a JSON object; .*sonoedge export RECIPE"):
        parse(text)
