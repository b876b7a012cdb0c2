from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from sonoedge.errors import InvalidSettings, SignatureInvalid
from sonoedge.trust.grant import KIND, Grant, parse_grant, read_grant, seal_grant
from sonoedge.trust.keyring import KIND as KEYRING_KIND
from sonoedge.trust.keyring import Keyring
from sonoedge.trust.rollover import first_keyring
from sonoedge.trust.signing import FileSigner

SHA256 = "ab" * 32
Sealed = Callable[..., bytes]
Row = Callable[..., dict[str, Any]]
Signers = Callable[[str], FileSigner]
Sign = Callable[[str, bytes, Sequence[str]], bytes]


@pytest.fixture
def keyring(sealed_keyring: Sealed) -> Keyring:
    return first_keyring(sealed_keyring(["root-a"]), "v1")


def test_a_grant_of_root_keys_is_read(keyring: Keyring, signer: Signers) -> None:
    grant = Grant(device="cart-7", manifest_sha256=SHA256, counter=1)
    assert read_grant(seal_grant(grant, [signer("root-a")]), keyring, "g") == grant


def test_a_release_key_a_stranger_and_a_revoked_root_key_grant_nothing(
    keyring: Keyring, signer: Signers, sealed_keyring: Sealed, row: Row
) -> None:
    grant = Grant(device="*", manifest_sha256=SHA256, counter=1)
    for name in ("release-a", "stranger"):
        with pytest.raises(SignatureInvalid, match="signed by 0 of this device's root keys"):
            read_grant(seal_grant(grant, [signer(name)]), keyring, "g")
    two = {"root": [row("root-a"), row("root-b")], "revoked": [row("root-b")["keyid"]]}
    revoking = first_keyring(sealed_keyring(["root-a"], **two), "v1")
    with pytest.raises(SignatureInvalid):
        read_grant(seal_grant(grant, [signer("root-b")]), revoking, "g")


def test_two_root_keys_must_sign_where_two_sign_a_keyring(
    signer: Signers, sealed_keyring: Sealed, row: Row
) -> None:
    names = ["root-a", "root-b"]
    two = sealed_keyring(names, root=[row(n) for n in names], root_threshold=2)
    grant = Grant(device="*", manifest_sha256=SHA256, counter=1)
    keyring = first_keyring(two, "v1")
    with pytest.raises(SignatureInvalid, match="signed by 1"):
        read_grant(seal_grant(grant, [signer("root-a"), signer("root-a")]), keyring, "g")
    assert read_grant(seal_grant(grant, [signer(n) for n in names]), keyring, "g") == grant


def test_a_keyring_is_no_grant_and_a_changed_grant_is_refused(
    keyring: Keyring, signed: Sign, signer: Signers
) -> None:
    with pytest.raises(SignatureInvalid, match="signed as"):
        read_grant(signed(KEYRING_KIND, b"{}", ["root-a"]), keyring, "g")
    data = seal_grant(Grant(device="a", manifest_sha256=SHA256, counter=1), [signer("root-a")])
    other = seal_grant(Grant(device="b", manifest_sha256=SHA256, counter=1), [signer("stranger")])
    mixed = json.loads(data) | {"payload": json.loads(other)["payload"]}
    with pytest.raises(SignatureInvalid):
        read_grant(json.dumps(mixed).encode(), keyring, "g")


@pytest.mark.parametrize(
    "change",
    [
        {"counter": 0},
        {"counter": 2**31},
        {"counter": "1"},
        {"counter": True},
        {"device": ""},
        {"device": "a b"},
        {"device": "\x1b"},
        {"device": "x" * 129},
        {"manifest_sha256": "AB" * 32},
        {"manifest_sha256": "ab"},
        {"until": "2030-01-01"},
    ],
)
def test_values_of_another_form_are_refused(
    change: dict[str, Any], keyring: Keyring, signed: Sign
) -> None:
    fields = {"device": "*", "manifest_sha256": SHA256, "counter": 1} | change
    with pytest.raises(SignatureInvalid, match="not a usable grant"):
        read_grant(signed(KIND, json.dumps(fields).encode(), ["root-a"]), keyring, "g")


def test_nothing_is_granted_by_bytes_that_are_no_grant() -> None:
    for payload in (b"", b"[]", b"{}", b"\xff", b"[" * 100_000):
        with pytest.raises(SignatureInvalid):
            parse_grant(payload, "g")


def test_a_device_without_a_name_takes_grants_for_any_alone() -> None:
    with pytest.raises(InvalidSettings):
        Grant(device="no name", manifest_sha256=SHA256, counter=1)
    grant = Grant(device="cart-7", manifest_sha256=SHA256, counter=1)
    assert [grant.is_for(name) for name in ("cart-7", "cart-8", None)] == [True, False, False]
    assert Grant(device="*", manifest_sha256=SHA256, counter=1).is_for(None)
