from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from sonoedge.errors import (
    KeyRevoked,
    KeyUnknown,
    RollbackRefused,
    SignatureInvalid,
    SignatureMissing,
)
from sonoedge.trust.keyring import KIND as KEYRING_KIND
from sonoedge.trust.manifest_signature import KIND, check_product, check_signature
from sonoedge.trust.policy import TrustPolicy
from sonoedge.trust.rollover import first_keyring

MANIFEST = b'{"name": "breast", "security_version": 3}\n'

Sealed = Callable[..., bytes]
Row = Callable[..., dict[str, Any]]
Sign = Callable[[str, bytes, Sequence[str]], bytes]
Policies = Callable[..., TrustPolicy]


@pytest.fixture
def policy(sealed_keyring: Sealed) -> Policies:
    def make(**changes: Any) -> TrustPolicy:
        return TrustPolicy(keyring=first_keyring(sealed_keyring(["root-a"], **changes), "v1"))

    return make


def test_what_a_trusted_key_signed_is_what_is_parsed(policy: Policies, signed: Sign) -> None:
    vouched = check_signature(MANIFEST, signed(KIND, MANIFEST, ["release-a"]), policy())
    assert vouched.payload == MANIFEST
    assert len(vouched.keys) == 1
    check_product(vouched, "breast", 3, policy())


def test_without_a_keyring_a_bundle_runs_and_nobody_vouches_for_it(signed: Sign) -> None:
    none = TrustPolicy()
    assert check_signature(MANIFEST, None, none).signed is False
    vouched = check_signature(MANIFEST, signed(KIND, MANIFEST, ["stranger"]), none)
    assert (vouched.signed, vouched.keys) == (True, frozenset())
    check_product(vouched, "breast", 0, none)


@pytest.mark.req("R25")
def test_with_a_keyring_an_unsigned_bundle_is_refused(policy: Policies) -> None:
    with pytest.raises(SignatureMissing, match="sonoedge sign"):
        check_signature(MANIFEST, None, policy())


@pytest.mark.req("R25")
def test_a_changed_manifest_is_refused(policy: Policies, signed: Sign) -> None:
    envelope = signed(KIND, MANIFEST, ["release-a"])
    with pytest.raises(SignatureInvalid, match="not the one that was signed"):
        check_signature(MANIFEST.replace(b"3", b"4"), envelope, policy())


def test_a_strangers_signature_is_refused(policy: Policies, signed: Sign) -> None:
    with pytest.raises(KeyUnknown, match="0 of the keys"):
        check_signature(MANIFEST, signed(KIND, MANIFEST, ["stranger"]), policy())


def test_a_signature_of_another_payload_is_refused(policy: Policies, signed: Sign) -> None:
    import json

    envelope = json.loads(signed(KIND, b"{}", ["release-a"]))
    envelope["payload"] = json.loads(signed(KIND, MANIFEST, ["release-a"]))["payload"]
    with pytest.raises(SignatureInvalid, match="does not fit"):
        check_signature(MANIFEST, json.dumps(envelope).encode(), policy())


def test_a_keyring_is_never_read_as_a_manifest(policy: Policies, signed: Sign) -> None:
    with pytest.raises(SignatureInvalid, match="signed as"):
        check_signature(MANIFEST, signed(KEYRING_KIND, MANIFEST, ["release-a"]), policy())


def test_a_root_key_signs_no_bundle(policy: Policies, signed: Sign) -> None:
    with pytest.raises(KeyUnknown):
        check_signature(MANIFEST, signed(KIND, MANIFEST, ["root-a"]), policy())


@pytest.mark.req("R26")
def test_a_revoked_key_and_a_blocked_manifest_are_refused(
    policy: Policies, signed: Sign, row: Row
) -> None:
    envelope = signed(KIND, MANIFEST, ["release-a"])
    with pytest.raises(KeyRevoked, match="was revoked"):
        check_signature(MANIFEST, envelope, policy(revoked=[row("release-a")["keyid"]]))
    blocked = [hashlib.sha256(MANIFEST).hexdigest()]
    with pytest.raises(KeyRevoked, match="withdrawn"):
        check_signature(MANIFEST, envelope, policy(blocked=blocked))


def test_a_development_key_is_refused_by_name(policy: Policies, signed: Sign, row: Row) -> None:
    keys = [row("release-a"), row("dev", role="dev")]
    envelope = signed(KIND, MANIFEST, ["dev"])
    with pytest.raises(KeyUnknown, match="development key"):
        check_signature(MANIFEST, envelope, policy(release=keys))
    assert check_signature(MANIFEST, envelope, policy(release=keys, allow_dev=True)).keys


def test_one_of_two_is_too_few(policy: Policies, signed: Sign, row: Row) -> None:
    two = policy(release=[row("a"), row("b")], release_threshold=2)
    with pytest.raises(KeyUnknown, match="1 of the keys"):
        check_signature(MANIFEST, signed(KIND, MANIFEST, ["a"]), two)
    assert len(check_signature(MANIFEST, signed(KIND, MANIFEST, ["a", "b"]), two).keys) == 2


def test_a_key_of_another_product_is_refused(policy: Policies, signed: Sign, row: Row) -> None:
    other = policy(release=[row("a", products=["thyroid"])])
    vouched = check_signature(MANIFEST, signed(KIND, MANIFEST, ["a"]), other)
    with pytest.raises(KeyUnknown, match="'breast'"):
        check_product(vouched, "breast", 3, other)


def test_an_older_security_version_is_refused(policy: Policies, signed: Sign) -> None:
    raised = policy(floors={"breast": 4})
    vouched = check_signature(MANIFEST, signed(KIND, MANIFEST, ["release-a"]), raised)
    with pytest.raises(RollbackRefused, match="4 or newer"):
        check_product(vouched, "breast", 3, raised)
    check_product(vouched, "breast", 4, raised)
