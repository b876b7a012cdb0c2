"""Make the first keyring, or the next one: what the holder of root keys does."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from sonoedge.errors import InvalidSettings
from sonoedge.settings import plain
from sonoedge.trust.envelope import seal
from sonoedge.trust.keyring import KIND, Key, Keyring
from sonoedge.trust.keys import PublicKey
from sonoedge.trust.signing import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a new keyring says otherwise than the one before.

    Attributes:
        add_root, add_release: keys that count from now on.
        revoke: ids, or beginnings of ids of 8 digits or more, of keys of the keyring.
        block: SHA-256 of manifests that must not run.
        floors: lowest security versions by a bundle's name; they may lower one.
        root_threshold, release_threshold, allow_dev: None leaves them.
    """

    add_root: tuple[Key, ...] = ()
    add_release: tuple[Key, ...] = ()
    revoke: tuple[str, ...] = ()
    block: tuple[str, ...] = ()
    floors: Mapping[str, int] = field(default_factory=dict)
    root_threshold: int | None = None
    release_threshold: int | None = None
    allow_dev: bool | None = None


def key_row(
    key: PublicKey,
    *,
    role: Literal["release", "dev"] = "release",
    products: Sequence[str] = ("*",),
) -> Key:
    """A key as a keyring lists it."""
    return Key(keyid=key.id, public=key.raw.hex(), role=role, products=tuple(products))


def changed(current: Keyring, changes: Changes) -> Keyring:
    """The keyring that follows, not yet signed.

    Raises:
        InvalidSettings: a key to revoke is not in the keyring, or too few keys would count.
    """
    revoked = {*current.revoked, *(_key_id(current, start) for start in changes.revoke)}
    root = tuple(k for k in current.root if k.keyid not in revoked) + changes.add_root
    keyring = replace(
        current,
        version=current.version + 1,
        root=root,
        root_threshold=_or(changes.root_threshold, current.root_threshold),
        release=current.release + changes.add_release,
        release_threshold=_or(changes.release_threshold, current.release_threshold),
        revoked=tuple(sorted(revoked)),
        blocked=tuple(sorted({*current.blocked, *changes.block})),
        floors={**current.floors, **changes.floors},
        allow_dev=current.allow_dev if changes.allow_dev is None else changes.allow_dev,
    )
    counting = [k for k in keyring.release if k.keyid not in revoked]
    if len(counting) < keyring.release_threshold:
        raise InvalidSettings(
            f"{len(counting)} release keys would count and {keyring.release_threshold} must "
            "sign a bundle: add a key in the same step"
        )
    return keyring


def keyring_payload(keyring: Keyring) -> bytes:
    """A keyring's bytes, as they are signed."""
    return (json.dumps(plain(keyring), indent=1, sort_keys=True) + "\n").encode()


def seal_keyring(keyring: Keyring, signers: Sequence[Signer]) -> bytes:
    """A keyring's envelope.

    Raises:
        TrustError: a signer failed.
    """
    payload = keyring_payload(keyring)
    return seal(KIND, payload, [signer.sign(KIND, payload) for signer in signers])


def _key_id(keyring: Keyring, start: str) -> str:
    ids = {k.keyid for k in (*keyring.root, *keyring.release) if k.keyid.startswith(start)}
    if len(start) < 8 or len(ids) != 1:
        raise InvalidSettings(
            f"{start!r} names {len(ids)} keys of the keyring; give 8 digits or more of one's id"
        )
    return ids.pop()


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value
