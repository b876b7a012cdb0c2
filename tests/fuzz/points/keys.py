"""Keys that are the same in every run, and what they sign."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fuzz.seeds import as_json
from sonoedge.trust.envelope import seal
from sonoedge.trust.keyring import KIND, Keyring, parse_keyring
from sonoedge.trust.signing import FileSigner


def signer(name: str) -> FileSigner:
    """A key pair by its name."""
    return FileSigner(Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest()))


def _row(name: str) -> dict[str, Any]:
    key = signer(name).public_key
    return {"keyid": key.id, "public": key.raw.hex(), "scheme": "ed25519", "role": "release",
            "products": ["*", "p"]}  # fmt: skip


def keyring_fields(version: int) -> dict[str, Any]:
    """A keyring with something in every part."""
    return {
        "version": version, "root_threshold": 1, "root": [_row("root-a"), _row("root-b")],
        "release_threshold": 1, "release": [_row("release-a"), _row("release-b")],
        "revoked": [signer("release-b").public_key.id], "blocked": ["0" * 64],
        "floors": {"p": 3}, "allow_dev": False,
    }  # fmt: skip


def sealed_keyring(fields: Any) -> bytes:
    """Its envelope, signed by a root key, whatever it says."""
    payload = as_json(fields)
    return seal(KIND, payload, [signer("root-a").sign(KIND, payload)])


KEYRING: Keyring = parse_keyring(json.dumps(keyring_fields(1)).encode(), "1.keyring.json")
