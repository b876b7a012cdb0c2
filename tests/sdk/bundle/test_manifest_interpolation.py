"""Which resize a manifest asks for: a key that is younger than schema 2."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from sonoedge.bundle.parse import parse


@pytest.mark.req("R58")
def test_a_manifest_without_the_key_means_the_earlier_resize_and_is_written_back_the_same(
    repository: Path,
) -> None:
    text = (repository / "tests/data/bundles/schema-2/manifest.json").read_bytes()
    assert "interpolation" not in json.loads(text)["preprocess"]
    manifest = parse(text)
    assert manifest.preprocess.interpolation == "area"
    assert parse(manifest.to_json().encode()) == manifest
    assert "interpolation" not in json.loads(manifest.to_json())["preprocess"]


def test_a_manifest_of_today_names_its_resize_and_its_id_covers_it(repository: Path) -> None:
    old = parse((repository / "tests/data/bundles/schema-2/manifest.json").read_bytes())
    spec = dataclasses.replace(old.preprocess, interpolation="exact")
    text = dataclasses.replace(old, preprocess=spec).to_json()
    assert json.loads(text)["preprocess"]["interpolation"] == "exact"
    new = parse(text.encode())
    assert new.preprocess.interpolation == "exact"
    assert new.bundle_id != old.bundle_id
