"""Which rule flags a track: a key that is younger than schema 2."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from sonoedge import EvidenceSettings
from sonoedge.bundle.identity import manifest_text
from sonoedge.bundle.parse import parse
from sonoedge.errors import InvalidManifest


@pytest.mark.req("R78")
@pytest.mark.parametrize("written", ["absent", "null"])
def test_a_manifest_without_the_key_counts_votes_and_is_written_back_without_it(
    repository: Path, written: str
) -> None:
    manifest = parse((repository / "tests/data/bundles/schema-2/manifest.json").read_bytes())
    tree = json.loads(manifest.to_json())
    assert "evidence" not in tree["tracking"]
    if written == "null":
        tree["tracking"]["evidence"] = None
        manifest = parse(with_id(tree))
    assert manifest.tracking.evidence is None
    assert "evidence" not in json.loads(manifest.to_json())["tracking"]


def test_a_manifest_that_gathers_evidence_says_so_and_its_id_covers_it(repository: Path) -> None:
    old = parse((repository / "tests/data/tiny/manifest.json").read_bytes())
    rule = EvidenceSettings(half_life_ms=700.0)
    tracking = dataclasses.replace(old.tracking, evidence=rule)
    new = parse(dataclasses.replace(old, tracking=tracking).to_json().encode())
    assert new.tracking.evidence == rule
    assert new.bundle_id != old.bundle_id


@pytest.mark.parametrize(
    "evidence", [{"raise_log_odds": 99.0}, {"half_life_ms": "1 s"}, {"rule": "votes"}, [], True]
)
def test_settings_that_cannot_be_are_refused(repository: Path, evidence: object) -> None:
    tree = json.loads((repository / "tests/data/tiny/manifest.json").read_bytes())
    tree["tracking"]["evidence"] = evidence
    with pytest.raises(InvalidManifest, match="evidence"):
        parse(with_id(tree))


def with_id(tree: dict[str, object]) -> bytes:
    return manifest_text(tree).encode()
