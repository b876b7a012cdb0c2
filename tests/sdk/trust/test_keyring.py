from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sonoedge.errors import SignatureInvalid
from sonoedge.trust.keyring import Keyring, parse_keyring
from sonoedge.trust.signing import FileSigner

Row = Callable[..., dict[str, Any]]
Signers = Callable[[str], FileSigner]


def _keyring(row: Row, **changes: Any) -> Keyring:
    fields = {
        "version": 1,
        "root_threshold": 1,
        "root": [row("root-a")],
        "release_threshold": 1,
        "release": [row("release-a")],
    } | changes
    return parse_keyring(json.dumps(fields).encode(), "keyring")


def test_a_release_key_counts_for_its_products_alone(row: Row, signer: Signers) -> None:
    keyring = _keyring(row, release=[row("a", products=["breast"]), row("b")])
    both = {signer("a").public_key, signer("b").public_key}
    assert keyring.release_keys("breast") == both
    assert keyring.release_keys("thyroid") == {signer("b").public_key}


def test_a_revoked_key_counts_for_nothing(row: Row, signer: Signers) -> None:
    rows = [row("a"), row("b")]
    keyring = _keyring(row, release=rows, revoked=[rows[0]["keyid"]])
    assert keyring.release_keys("breast") == {signer("b").public_key}


def test_a_development_key_counts_only_where_the_keyring_says_so(row: Row, signer: Signers) -> None:
    rows = [row("a", role="dev"), row("b")]
    assert _keyring(row, release=rows).release_keys("x") == {signer("b").public_key}
    assert len(_keyring(row, release=rows, allow_dev=True).release_keys("x")) == 2


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"root_threshold": 0}, "root_threshold must be 1 to 1"),
        ({"root_threshold": 2}, "root_threshold must be 1 to 1"),
        ({"release_threshold": 0}, "release_threshold"),
        ({"version": 0}, "version"),
        ({"version": 1 << 31}, "version"),
        ({"version": True}, "version"),
        ({"release": []}, "1 to 64 keys"),
        ({"floors": {"breast": -1}}, "floors"),
        ({"floors": {"breast": 1 << 63}}, "64 bits"),
        ({"blocked": ["x"]}, "blocked"),
        ({"surprise": 1}, "unknown"),
    ],
)
def test_a_keyring_that_breaks_a_rule_is_refused(
    row: Row, changes: dict[str, Any], why: str
) -> None:
    with pytest.raises(SignatureInvalid, match=why):
        _keyring(row, **changes)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"public": "01" + "00" * 31}, "is not the SHA-256"),
        ({"public": "AA" * 32}, "lower-case"),
        ({"public": "00"}, "64"),
        ({"scheme": "none"}, "scheme"),
        ({"role": "root"}, "role"),
        ({"products": []}, "no product"),
    ],
)
def test_a_key_that_breaks_a_rule_is_refused(row: Row, change: dict[str, Any], why: str) -> None:
    with pytest.raises(SignatureInvalid, match=why):
        _keyring(row, release=[row("a") | change])


def test_a_weak_key_is_refused_even_under_its_right_name(row: Row) -> None:
    import hashlib

    weak = bytes([1]) + bytes(31)
    fields = {"keyid": hashlib.sha256(weak).hexdigest(), "public": weak.hex()}
    with pytest.raises(SignatureInvalid, match="weak"):
        _keyring(row, release=[row("a") | fields])


def test_a_key_under_two_entries_is_refused(row: Row) -> None:
    with pytest.raises(SignatureInvalid, match="a key twice"):
        _keyring(row, root=[row("a"), row("a", role="release")], root_threshold=2)
