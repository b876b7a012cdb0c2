"""Ed25519 keys (RFC 8032): their raw bytes, their ids, and a check of one signature."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from sonoedge.errors import InvalidSettings, MissingDependency
from sonoedge.trust.weak_keys import is_weak

PUBLIC_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64


def key_id(public: bytes) -> str:
    """The name of a key: SHA-256 of its 32 raw bytes, in hexadecimal."""
    return hashlib.sha256(public).hexdigest()


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key that may decide something.

    Attributes:
        raw: its 32 bytes.

    Raises:
        InvalidSettings: it is not of 32 bytes, or names a point of small order.
    """

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != PUBLIC_BYTES:
            raise InvalidSettings(f"an Ed25519 key has 32 bytes, not {len(self.raw)}")
        if is_weak(self.raw):
            raise InvalidSettings(
                f"the key {key_id(self.raw)[:16]} is weak: anybody can sign for it; make another"
            )

    @property
    def id(self) -> str:
        """See `key_id`."""
        return key_id(self.raw)

    def holds(self, signature: bytes, message: bytes) -> bool:
        """Whether the signature is this key's, over just this message.

        Raises:
            MissingDependency: the package cryptography is not installed.
        """
        try:
            from cryptography.exceptions import InvalidSignature
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        except ModuleNotFoundError as error:
            raise MissingDependency(
                "signatures need the package cryptography; run: pip install cryptography"
            ) from error
        if len(signature) != SIGNATURE_BYTES:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except (InvalidSignature, ValueError):  # ValueError: bytes that are no point of the curve
            return False
        return True
