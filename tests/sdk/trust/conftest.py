"""Keys that are the same in every run, and what they sign."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sonoedge.trust.envelope import seal
from sonoedge.trust.keyring import KIND
from sonoedge.trust.signing import FileSigner


def _signer(name: str) -> FileSigner:
    return FileSigner(Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest()))


def _row(name: str, **more: Any) -> dict[str, Any]:
    key = _signer(name).public_key
    return {"keyid": key.id, "public": key.raw.hex(), "scheme": "ed25519", **more}


@pytest.fixture(scope="session")
def signer() -> Callable[[str], FileSigner]:
    """A key pair by its name."""
    return _signer


@pytest.fixture(scope="session")
def signed() -> Callable[[str, bytes, Sequence[str]], bytes]:
    """An envelope of a payload, and the names of who signed it."""

    def make(kind: str, payload: bytes, names: Sequence[str]) -> bytes:
        return seal(kind, payload, [_signer(n).sign(kind, payload) for n in names])

    return make


@pytest.fixture(scope="session")
def row() -> Callable[..., dict[str, Any]]:
    """A key as a keyring lists it, by its name."""
    return _row


@pytest.fixture(scope="session")
def sealed_keyring() -> Callable[..., bytes]:
    """A keyring's envelope: the names of who signed it, and its fields."""

    def make(names: Sequence[str], **changes: Any) -> bytes:
        fields = {
            "version": 1,
            "root_threshold": 1,
            "root": [_row("root-a")],
            "release_threshold": 1,
            "release": [_row("release-a")],
        } | changes
        payload = json.dumps(fields).encode()
        return seal(KIND, payload, [_signer(n).sign(KIND, payload) for n in names])

    return make


@pytest.fixture(scope="session")
def tiny() -> Path:
    return Path(__file__).parents[2] / "data" / "tiny"
