"""A signed envelope: DSSE v1 with Ed25519 (github.com/secure-systems-lab/dsse, protocol 1.0.2).

What is signed are bytes, together with their type, and never JSON that was written again:
nothing is parsed before a signature held. An envelope of one type cannot be read as another.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from sonoedge.errors import InvalidSettings, SignatureInvalid
from sonoedge.strict_json import parse_json
from sonoedge.trust.keys import SIGNATURE_BYTES, PublicKey

MOST_BYTES: Final = 2 << 20
MOST_SIGNATURES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One signature of an envelope.

    Attributes:
        key_id: whose it claims to be; nothing vouches for the claim.
        value: 64 bytes.
    """

    key_id: str
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What an envelope holds, before anything of it is believed.

    Attributes:
        kind: the payload's media type.
        payload: the bytes that are signed.
    """

    kind: str
    payload: bytes
    signatures: tuple[Signature, ...]

    @property
    def message(self) -> bytes:
        """What each signature is over."""
        return pre_authentication_encoding(self.kind, self.payload)


def pre_authentication_encoding(kind: str, payload: bytes) -> bytes:
    """DSSE's encoding of a payload and its type, in which neither can pass for the other."""
    name = kind.encode()
    return b"DSSEv1 %d %s %d %s" % (len(name), name, len(payload), payload)


def read_envelope(data: bytes, name: str) -> Envelope:
    """Read an envelope strictly: one spelling for each content.

    Args:
        name: the envelope, for messages; such as the file's name.

    Raises:
        SignatureInvalid: these bytes are no envelope.
    """
    if not data.isascii():
        raise SignatureInvalid(f"{name} is no signed envelope: it holds other than ASCII")
    try:
        fields = parse_json(data, name, most_bytes=MOST_BYTES)
    except InvalidSettings as error:
        raise SignatureInvalid(str(error)) from None
    if type(fields) is not dict or fields.keys() != {"payloadType", "payload", "signatures"}:
        raise SignatureInvalid(
            f"{name} is no signed envelope: it must hold payloadType, payload and "
            "signatures, and nothing else"
        )
    kind, signatures = fields["payloadType"], fields["signatures"]
    if type(kind) is not str or type(signatures) is not list:
        raise SignatureInvalid(f"{name} is no signed envelope: its values are of other types")
    if not 1 <= len(signatures) <= MOST_SIGNATURES:
        raise SignatureInvalid(
            f"{name} holds {len(signatures)} signatures; 1 to {MOST_SIGNATURES} are read"
        )
    return Envelope(
        kind=kind,
        payload=_base64(fields["payload"], name),
        signatures=tuple(_signature(s, name) for s in signatures),
    )


def verify(
    envelope: Envelope, kind: str, keys: Collection[PublicKey], name: str
) -> frozenset[PublicKey]:
    """The keys whose signature of this payload, as this kind, holds.

    Counted are keys and never the ids that an envelope gives: a key listed under two names,
    or one that signed twice, is one.

    Args:
        kind: the media type that the payload must have.
        keys: those that may decide; signatures of others are passed over.

    Raises:
        SignatureInvalid: the payload is of another kind.
        MissingDependency: the package cryptography is not installed.
    """
    if envelope.kind != kind:
        raise SignatureInvalid(f"{name} is signed as {envelope.kind[:80]!r}, not as {kind}")
    by_id = {key.id: key for key in keys}
    message = envelope.message
    return frozenset(
        key
        for signature in envelope.signatures
        if (key := by_id.get(signature.key_id)) is not None and key.holds(signature.value, message)
    )


def seal(kind: str, payload: bytes, signatures: Iterable[Signature]) -> bytes:
    """The envelope's bytes; the same for the same content, and none of them can be left out."""
    rows = [
        {"keyid": s.key_id, "sig": base64.b64encode(s.value).decode()}
        for s in sorted(signatures, key=lambda s: s.key_id)
    ]
    fields = {
        "payloadType": kind,
        "payload": base64.b64encode(payload).decode(),
        "signatures": rows,
    }
    return json.dumps(fields, indent=1).encode("ascii")


def _signature(fields: object, name: str) -> Signature:
    if type(fields) is not dict or fields.keys() != {"keyid", "sig"}:
        raise SignatureInvalid(f"{name} holds what is no signature")
    if type(fields["keyid"]) is not str:
        raise SignatureInvalid(f"{name} holds a signature whose key has no name")
    value = _base64(fields["sig"], name)
    if len(value) != SIGNATURE_BYTES:
        raise SignatureInvalid(f"{name} holds a signature of {len(value)} bytes, not of 64")
    return Signature(key_id=fields["keyid"], value=value)


def _base64(text: object, name: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True) if type(text) is str else None
    except (binascii.Error, ValueError):
        data = None
    # Padding bits that are not zero would give one content many spellings.
    if data is None or base64.b64encode(data).decode() != text:
        raise SignatureInvalid(f"{name} holds text that is not plain base64")
    return data
