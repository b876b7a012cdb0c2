from __future__ import annotations

import json
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("cyclonedx", reason="needs the extra export")

from sonoedge.bundle import Card, CardData, Manifest, read_bundle
from sonoedge.sbom.document import SPEC_VERSIONS
from sonoedge.sbom.of_bundle import FILE
from sonoedge_export.card.verification import Verification, read_verification
from sonoedge_export.sbom.bundle_sbom import bundle_sbom

TINY = Path(__file__).parents[2] / "data" / "tiny"


@pytest.fixture
def manifest() -> Manifest:
    """The tiny bundle's, as it is without its bill of materials."""
    whole = read_bundle(TINY).manifest
    return replace(whole, files={p: d for p, d in whole.files.items() if p != FILE})


@pytest.fixture
def verification() -> Verification:
    return read_verification(read_bundle(TINY))


def written(manifest: Manifest, verification: Verification) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(bundle_sbom(manifest, verification))
    return document


def test_it_can_be_made_again_from_the_bundle_to_the_same_bytes(
    manifest: Manifest, verification: Verification
) -> None:
    assert bundle_sbom(manifest, verification).encode() == (TINY / FILE).read_bytes()


def test_it_is_a_file_of_the_manifest_and_so_signed_with_it() -> None:
    assert FILE in read_bundle(TINY).manifest.files


def test_it_lists_every_other_file_by_its_digest(
    manifest: Manifest, verification: Verification
) -> None:
    document = written(manifest, verification)
    listed = {each["name"]: each["hashes"][0]["content"] for each in document["components"]}
    assert listed == {path: digest.sha256 for path, digest in manifest.files.items()}
    assert {each["type"] for each in document["components"]} == {"file"}


def test_its_number_is_made_from_the_bundle_without_it(
    manifest: Manifest, verification: Verification
) -> None:
    document = written(manifest, verification)
    model = document["metadata"]["component"]
    bundle_id = json.loads(manifest.to_json())["bundle_id"]
    name = f"urn:sonoedge:bundle:{bundle_id}"
    assert document["serialNumber"] == uuid.uuid5(uuid.NAMESPACE_URL, name).urn
    assert {"name": "sonoedge:bundle_id_without_this_file", "value": bundle_id} in model[
        "properties"
    ]
    other = written(replace(manifest, version="2"), verification)
    assert other["serialNumber"] != document["serialNumber"]


@pytest.mark.parametrize("version", SPEC_VERSIONS)
def test_it_is_valid_in_each_version_and_with_everything_stated(
    manifest: Manifest, verification: Verification, version: Any
) -> None:
    data = CardData(name="other", used_for="training", licence="CC-BY-4.0", devices=("A",))
    card = Card(
        supplier="Ä Ltd",
        users="u",
        contraindications=("c",),
        limitations=("l",),
        hardware="h",
        architecture="a",
        weights_licence="Apache-2.0",
        data=(data,),
    )
    text = bundle_sbom(replace(manifest, card=card), verification, version)
    document = json.loads(text)
    assert document["specVersion"] == version
    assert document["metadata"]["supplier"] == {"name": "Ä Ltd"}
    graphs = [c for c in document["components"] if c["name"] == "graphs/fp32.onnx"]
    assert graphs[0]["licenses"] == [{"expression": "Apache-2.0", "acknowledgement": "declared"}]


def test_a_time_that_the_manifest_does_not_tell_is_not_made_up(
    manifest: Manifest, verification: Verification
) -> None:
    document = written(replace(manifest, created=None), verification)
    assert "timestamp" not in document["metadata"]


def test_a_golden_frame_has_the_licence_of_its_set(
    manifest: Manifest, verification: Verification
) -> None:
    drawn = CardData(name="drawn", used_for="test", licence="none stated by its authors")
    document = written(replace(manifest, card=Card(data=(drawn,))), verification)
    (frame, *_) = document["components"]
    assert frame["name"] == "golden/frame000.png"
    assert frame["licenses"][0]["license"]["name"] == "none stated by its authors"


def test_refs_stand_once_and_every_edge_ends_at_one(
    manifest: Manifest, verification: Verification
) -> None:
    text = bundle_sbom(manifest, verification)
    refs = [line.split('"')[3] for line in text.splitlines() if '"bom-ref"' in line]
    assert len(refs) == len(set(refs))
    document = json.loads(text)
    (workflow,) = document["formulation"][0]["workflows"]
    ends = [each["resource"]["ref"] for each in (*workflow["inputs"], *workflow["outputs"])]
    ends += [ref for edge in document["dependencies"] for ref in edge["dependsOn"]]
    assert set(ends) <= set(refs)


def test_the_model_is_no_library_and_only_it_has_a_card(
    manifest: Manifest, verification: Verification
) -> None:
    """The schema would take a card on any component; the specification does not."""
    document = written(manifest, verification)
    assert document["metadata"]["component"]["type"] == "machine-learning-model"
    assert "modelCard" in document["metadata"]["component"]
    assert not any("modelCard" in each for each in document["components"])
