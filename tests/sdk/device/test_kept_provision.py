"""What an earlier version wrote on a device: docs/reference/compatibility.md."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from sonoedge.bundle import read_bundle
from sonoedge.device.record import Provision
from sonoedge.device.store import Absent, find_provision
from sonoedge.errors import SignatureMissing
from sonoedge.settings import plain, read
from sonoedge.strict_json import parse_json
from sonoedge.trust.keyring_folder import read_keyrings
from sonoedge.trust.policy import TrustPolicy

DATA = Path(__file__).parents[2] / "data"
DOCUMENTS = DATA / "documents"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """The kept bundle, signed and provisioned as it was."""
    folder = tmp_path / "bundle"
    shutil.copytree(DATA / "bundles" / "schema-2", folder)
    shutil.copy(DOCUMENTS / "manifest.dsse.json", folder)
    beside = tmp_path / "bundle.provision"
    beside.mkdir()
    shutil.copy(DOCUMENTS / "provision-1.json", beside / "provision.json")
    return folder


def test_a_provision_result_of_schema_1_is_read() -> None:
    data = (DOCUMENTS / "provision-1.json").read_bytes()
    provision = read(Provision, parse_json(data, "provision.json"))
    assert provision.schema_version == 1
    assert provision.results[0].status == "passed"
    assert read(Provision, plain(replace(provision))) == provision


def test_it_is_found_beside_its_bundle_whatever_machine_it_is_of(bundle: Path) -> None:
    result = find_provision(read_bundle(bundle, trust=TrustPolicy()))
    assert not isinstance(result, Absent)
    assert "schema" not in getattr(result, "why", "")


def test_a_signature_and_a_keyring_of_before_still_hold(bundle: Path) -> None:
    policy = TrustPolicy(keyring=read_keyrings(DOCUMENTS / "keyrings"))
    assert read_bundle(bundle, trust=policy).vouched.keys
    (bundle / "manifest.dsse.json").unlink()
    with pytest.raises(SignatureMissing):
        read_bundle(bundle, trust=policy)
