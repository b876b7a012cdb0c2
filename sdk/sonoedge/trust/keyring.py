"""The keys that a device trusts, what they may sign, and what they no longer may.

Roles as in The Update Framework (theupdateframework.github.io/specification, section 4):
root keys decide over keyrings, release keys over bundles. Nothing here ends by a clock:
carts start in 1970. A key ends when a newer keyring revokes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from sonoedge.errors import InvalidSettings, SignatureInvalid
from sonoedge.settings import read
from sonoedge.strict_json import parse_json
from sonoedge.trust.keys import PublicKey, key_id

KIND: Final = "application/vnd.sonoedge.keyring.v1+json"
MOST_KEYS: Final = 64
MOST_FLOOR: Final = (1 << 31) - 1
_HEX_256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key and what it may sign.

    Attributes:
        keyid: SHA-256 of the key's 32 raw bytes, hexadecimal.
        public: the raw bytes, hexadecimal.
        scheme: how it signs; never taken from what it signed.
        role: "dev" keys count only where the keyring allows them.
        products: names of bundles that it may sign; "*" is any. Of release keys alone.
    """

    keyid: str
    public: str
    scheme: Literal["ed25519"] = "ed25519"
    role: Literal["release", "dev"] = "release"
    products: tuple[str, ...] = ("*",)

    def __post_init__(self) -> None:
        if not _HEX_256.fullmatch(self.public):
            raise InvalidSettings("public must be 64 lower-case hexadecimal digits")
        if self.keyid != key_id(bytes.fromhex(self.public)):
            raise InvalidSettings(f"keyid {self.keyid[:16]!r} is not the SHA-256 of its key")
        if not self.products:
            raise InvalidSettings(f"key {self.keyid[:16]} may sign no product; leave it out")
        PublicKey(bytes.fromhex(self.public))  # refuses weak keys

    @property
    def public_key(self) -> PublicKey:
        """The key itself."""
        return PublicKey(bytes.fromhex(self.public))


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """What a device believes about keys.

    Attributes:
        version: 1 in the firmware, then always one more.
        root_threshold: so many different root keys must sign the next keyring.
        root: keys that sign keyrings and grants.
        release_threshold: so many different release keys must sign a bundle.
        release: keys that sign bundles.
        revoked: ids of keys whose signatures no longer count.
        blocked: SHA-256 of manifests that must not run.
        floors: by a bundle's name, the lowest security_version that may run.
        allow_dev: whether signatures of development keys count.
    """

    version: int
    root_threshold: int
    root: tuple[Key, ...]
    release_threshold: int
    release: tuple[Key, ...]
    revoked: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    floors: Mapping[str, int] = field(default_factory=dict)
    allow_dev: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.version <= MOST_FLOOR:
            raise InvalidSettings(f"version must be 1 to {MOST_FLOOR}, not {self.version}")
        _check_role("root", self.root, self.root_threshold)
        _check_role("release", self.release, self.release_threshold)
        for name, values in (("revoked", self.revoked), ("blocked", self.blocked)):
            if not all(_HEX_256.fullmatch(v) for v in values):
                raise InvalidSettings(f"{name} must hold SHA-256 digests")
        if any(not 0 <= floor <= MOST_FLOOR for floor in self.floors.values()):
            raise InvalidSettings(f"floors must be 0 to {MOST_FLOOR}")

    @property
    def root_keys(self) -> frozenset[PublicKey]:
        """The root keys that count."""
        return frozenset(k.public_key for k in self.root if k.keyid not in self.revoked)

    def release_keys(self, product: str) -> frozenset[PublicKey]:
        """The keys whose signatures of a bundle of this name count."""
        return frozenset(
            key.public_key
            for key in self.release
            if key.keyid not in self.revoked
            and ("*" in key.products or product in key.products)
            and (key.role == "release" or self.allow_dev)
        )


def parse_keyring(payload: bytes, name: str) -> Keyring:
    """A keyring from bytes whose signatures hold.

    Raises:
        SignatureInvalid: they are no keyring, or one with weak, doubled or too few keys.
    """
    try:
        return read(Keyring, parse_json(payload, name))
    except InvalidSettings as error:
        raise SignatureInvalid(f"{name} is not a usable keyring: {error}") from None


def _check_role(name: str, keys: tuple[Key, ...], threshold: int) -> None:
    if not 1 <= len(keys) <= MOST_KEYS:
        raise InvalidSettings(f"{name} must hold 1 to {MOST_KEYS} keys, not {len(keys)}")
    if len({key.public for key in keys}) != len(keys):
        raise InvalidSettings(f"{name} holds a key twice")
    if not 1 <= threshold <= len(keys):
        raise InvalidSettings(
            f"{name}_threshold must be 1 to {len(keys)}, the number of {name} keys, not {threshold}"
        )
