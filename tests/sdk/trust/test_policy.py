from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sonoedge
from sonoedge.errors import InvalidSettings, RollbackRefused, SignatureInvalid, TrustError
from sonoedge.trust.keyring_folder import install_keyring, read_keyrings
from sonoedge.trust.policy import TrustPolicy, read_policy

Sealed = Callable[..., bytes]
TINY = Path(__file__).parents[2] / "data" / "tiny"


@pytest.fixture
def device(tmp_path: Path, sealed_keyring: Sealed) -> Path:
    """A device's /etc/sonoedge."""
    (tmp_path / "keyrings").mkdir()
    (tmp_path / "keyrings" / "1.keyring.json").write_bytes(
        sealed_keyring(["root-a"], floors={"breast": 2})
    )
    fields = {"keyrings": str(tmp_path / "keyrings"), "floors": str(tmp_path / "floors.json")}
    (tmp_path / "trust.json").write_text(json.dumps(fields))
    return tmp_path


def test_without_a_file_there_is_no_keyring(tmp_path: Path) -> None:
    assert read_policy(tmp_path / "trust.json") == TrustPolicy()


def test_the_device_names_its_keyring_and_its_floors(device: Path) -> None:
    policy = read_policy(device / "trust.json")
    assert policy.keyring is not None
    assert policy.floors is not None
    policy.floors.raise_to("thyroid", 5)
    assert (policy.floor("thyroid"), policy.floor("other")) == (5, 0)


def test_a_newer_keyring_may_lower_a_floor_that_a_stolen_key_raised(
    device: Path, sealed_keyring: Sealed
) -> None:
    floors = read_policy(device / "trust.json").floors
    assert floors is not None
    floors.raise_to("breast", 2**31 - 1)
    assert read_policy(device / "trust.json").floor("breast") == 2**31 - 1
    install_keyring(
        device / "keyrings", sealed_keyring(["root-a"], version=2, floors={"breast": 3}), "new"
    )
    assert read_policy(device / "trust.json").floor("breast") == 3
    floors.raise_to("breast", 4)
    assert read_policy(device / "trust.json").floor("breast") == 4


@pytest.mark.req("R25")
@pytest.mark.parametrize(
    "text", ["", "{}", '{"keyrings": "relative"}', '{"keyrings": "/a", "unsigned": "allowed"}']
)
def test_a_policy_that_cannot_be_read_is_an_error_and_not_no_policy(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "trust.json").write_text(text)
    with pytest.raises(TrustError):
        read_policy(tmp_path / "trust.json")


def test_the_first_keyring_may_be_pinned_and_a_chain_of_others_keys_is_then_refused(
    device: Path, sealed_keyring: Sealed, row: Callable[..., dict[str, Any]]
) -> None:
    first = device / "keyrings" / "1.keyring.json"
    fields = json.loads((device / "trust.json").read_text())
    fields["first_keyring"] = hashlib.sha256(first.read_bytes()).hexdigest()
    (device / "trust.json").write_text(json.dumps(fields))
    assert read_policy(device / "trust.json").keyring is not None
    first.write_bytes(sealed_keyring(["thief"], root=[row("thief")]))
    with pytest.raises(SignatureInvalid, match="is not the first keyring"):
        read_policy(device / "trust.json")


@pytest.mark.req("R26")
def test_a_keyring_that_was_removed_does_not_bring_a_revoked_key_back(
    device: Path, sealed_keyring: Sealed
) -> None:
    second = sealed_keyring(["root-a"], version=2)
    install_keyring(device / "keyrings", second, "new")
    read_policy(device / "trust.json")
    (device / "keyrings" / "2.keyring.json").unlink()
    with pytest.raises(RollbackRefused, match="has followed version 2"):
        read_policy(device / "trust.json")
    install_keyring(device / "keyrings", second, "again")
    assert read_policy(device / "trust.json").keyring is not None


def test_a_device_without_a_keyring_may_have_a_bar_and_a_key_of_its_own(tmp_path: Path) -> None:
    fields = {"device_key": "/nowhere/device.key", "bar": {"flag_threshold": 0.5}}
    (tmp_path / "trust.json").write_text(json.dumps(fields))
    policy = read_policy(tmp_path / "trust.json")
    assert (policy.keyring, policy.device_key) == (None, Path("/nowhere/device.key"))
    for needless in ("floors", "grants", "first_keyring"):
        (tmp_path / "trust.json").write_text(json.dumps(fields | {needless: "/nowhere"}))
        with pytest.raises(TrustError, match="keyrings is missing"):
            read_policy(tmp_path / "trust.json")


@pytest.mark.req("R25")
def test_no_environment_variable_switches_it_off(
    device: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Path(__file__).parents[3] / "sdk/sonoedge/trust"
    texts = [path.read_text() for path in source.glob("*.py")]
    assert not [text for text in texts if "os.environ" in text or "getenv" in text]
    monkeypatch.setenv("SONOEDGE_TRUST", "none")
    assert read_policy(device / "trust.json").keyring is not None


def test_what_is_no_policy_is_refused_by_name() -> None:
    with pytest.raises(InvalidSettings, match=r"keyring of a TrustPolicy is a Keyring"):
        TrustPolicy(keyring="keyrings")  # type: ignore[arg-type]
    with pytest.raises(InvalidSettings, match=r"trust is a TrustPolicy .*, not str"):
        sonoedge.open(TINY, trust="keyrings")  # type: ignore[arg-type]


def test_a_folder_of_keyrings_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrustError, match=r"'.*/none', cannot be read: .*; install keyrings"):
        read_keyrings(tmp_path / "none")
