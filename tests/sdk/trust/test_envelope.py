from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from sonoedge.errors import SignatureInvalid
from sonoedge.trust.envelope import Signature, read_envelope, seal, verify
from sonoedge.trust.keys import PublicKey
from sonoedge.trust.signing import FileSigner

KIND = "application/vnd.example.v1+json"
PAYLOAD = b'{"flag_threshold": 0.5}\n'

Sign = Callable[[str, bytes, Sequence[str]], bytes]
Signers = Callable[[str], FileSigner]
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def trusted(signer: Signers) -> list[PublicKey]:
    return [signer("a").public_key, signer("b").public_key]


@pytest.fixture
def data(signed: Sign) -> bytes:
    return signed(KIND, PAYLOAD, ["a"])


def _count(data: bytes, keys: list[PublicKey]) -> int:
    return len(verify(read_envelope(data, "envelope"), KIND, keys, "envelope"))


def test_a_signed_payload_comes_back_byte_for_byte(data: bytes, trusted: list[PublicKey]) -> None:
    assert read_envelope(data, "envelope").payload == PAYLOAD
    assert _count(data, trusted) == 1


def test_every_flipped_bit_is_refused_or_leaves_the_payload_as_it_was(
    data: bytes, trusted: list[PublicKey]
) -> None:
    believed = []
    for position in range(len(data) * 8):
        bent = bytearray(data)
        bent[position // 8] ^= 1 << position % 8
        try:
            if _count(bytes(bent), trusted):
                believed.append(position // 8)
                assert read_envelope(bytes(bent), "envelope").payload == PAYLOAD
        except SignatureInvalid:
            continue
    # Space between JSON's tokens is outside of what is signed, and of what is read.
    assert all(data[index : index + 1].isspace() for index in believed)


def test_every_truncation_is_refused(data: bytes) -> None:
    for length in range(len(data.rstrip())):
        with pytest.raises(SignatureInvalid):
            read_envelope(data[:length], "envelope")


def test_keys_are_counted_and_not_signatures(signer: Signers, trusted: list[PublicKey]) -> None:
    once = signer("a").sign(KIND, PAYLOAD)
    assert _count(seal(KIND, PAYLOAD, [once, once]), trusted) == 1
    renamed = Signature(key_id=signer("b").public_key.id, value=once.value)
    assert _count(seal(KIND, PAYLOAD, [once, renamed]), trusted) == 1
    assert _count(seal(KIND, PAYLOAD, [once, signer("b").sign(KIND, PAYLOAD)]), trusted) == 2


def test_a_signature_of_a_stranger_counts_for_nothing(
    signed: Sign, trusted: list[PublicKey]
) -> None:
    assert _count(signed(KIND, PAYLOAD, ["stranger"]), trusted) == 0


def test_a_payload_of_one_kind_is_never_read_as_another(
    signed: Sign, trusted: list[PublicKey]
) -> None:
    data = signed("application/vnd.example.other+json", PAYLOAD, ["a"])
    with pytest.raises(SignatureInvalid, match="not as"):
        _count(data, trusted)
    relabelled = json.loads(data) | {"payloadType": KIND}
    assert _count(json.dumps(relabelled).encode(), trusted) == 0


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda f: f.update(more=1), "keys"),
        (lambda f: f.pop("payload"), "keys"),
        (lambda f: f.update(payloadType=1), "types"),
        (lambda f: f.update(signatures={}), "types"),
        (lambda f: f.update(signatures=[]), "0 signatures"),
        (lambda f: f.update(signatures=f["signatures"] * 17), "17 signatures"),
        (lambda f: f["signatures"][0].update(cert="x"), "no signature"),
        (lambda f: f["signatures"][0].update(keyid=1), "no name"),
        (lambda f: f["signatures"][0].update(sig="AAAA"), "3 bytes"),
        (lambda f: f.update(payload=f["payload"] + "\n"), "base64"),
        (lambda f: f.update(payload=[]), "base64"),
    ],
)
def test_a_changed_field_is_refused_with_its_reason(data: bytes, change: Change, why: str) -> None:
    fields = json.loads(data)
    change(fields)
    with pytest.raises(SignatureInvalid, match=why):
        read_envelope(json.dumps(fields).encode(), "envelope")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"[]", "keys"),
        (b'{"payload": "", "payload": ""}', "twice"),
        (b"[" * 100_000, "deep"),
        (b'{"payload": NaN}', "NaN"),
        (b'{"payload": ' + b"9" * 5_000 + b"}", "64 bits"),
        (b" " * (3 << 20), "bytes"),
        ("é".encode(), "ASCII"),
        ("{}".encode("utf-16"), "ASCII"),
    ],
)
def test_text_that_is_no_envelope_is_refused_with_its_reason(text: bytes, why: str) -> None:
    with pytest.raises(SignatureInvalid, match=why):
        read_envelope(text, "envelope")


def test_loose_padding_bits_are_refused(data: bytes) -> None:
    assert base64.b64decode("YWJ=") == base64.b64decode("YWI=") == b"ab"
    with pytest.raises(SignatureInvalid, match="base64"):
        read_envelope(json.dumps(json.loads(data) | {"payload": "YWJ="}).encode(), "envelope")


def test_securesystemslib_agrees_on_what_is_signed(signed: Sign, signer: Signers) -> None:
    dsse = pytest.importorskip("securesystemslib.dsse")
    signers = pytest.importorskip("securesystemslib.signer")
    keys = []
    for name in "ab":
        key = signer(name).public_key
        keys.append(signers.SSlibKey(key.id, "ed25519", "ed25519", {"public": key.raw.hex()}))
    envelope = dsse.Envelope.from_dict(json.loads(signed(KIND, PAYLOAD, ["a", "b"])))
    assert len(envelope.verify(keys, 2)) == 2
