"""A grant: root keys let one bundle run below a device's floor, once.

Going back is how a device is saved from a release that was bad after all; and how an attacker
would bring back a bundle whose fault is known. So a grant names the device and the manifest,
and its number is used once: when the device has gone forward again, the same grant is spent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sonoedge.errors import InvalidSettings, SignatureInvalid
from sonoedge.settings import plain, read
from sonoedge.strict_json import parse_json
from sonoedge.trust.envelope import read_envelope, seal, verify
from sonoedge.trust.keyring import Keyring

if TYPE_CHECKING:
    from sonoedge.trust.signing import Signer

KIND: Final = "application/vnd.sonoedge.rollback.v1+json"
ANY_DEVICE: Final = "*"
MOST_COUNTER: Final = (1 << 31) - 1
MOST_BYTES: Final = 1 << 16
_DEVICE: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:+-]{0,127}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What root keys allow.

    Attributes:
        device: the device's name in its trust.json; "*" is any.
        manifest_sha256: of the bundle's manifest.json, hexadecimal.
        counter: 1 to 2^31 - 1; a device takes each number once.

    Raises:
        InvalidSettings: a value is not of this form.
    """

    device: str
    manifest_sha256: str
    counter: int

    def __post_init__(self) -> None:
        if self.device != ANY_DEVICE:
            check_device_name(self.device)
        if not _SHA256.fullmatch(self.manifest_sha256):
            raise InvalidSettings("manifest_sha256 must be 64 lower-case hexadecimal digits")
        if not 1 <= self.counter <= MOST_COUNTER:
            raise InvalidSettings(f"counter must be 1 to {MOST_COUNTER}, not {self.counter}")

    def is_for(self, device: str | None) -> bool:
        """Whether it holds on a device of this name; one without a name takes "*" alone."""
        return self.device in (ANY_DEVICE, device)


def check_device_name(name: str) -> None:
    """Refuse what is no name of a device.

    Raises:
        InvalidSettings: it is not 1 to 128 of A-Z, a-z, 0-9 and "_.:+-", the first a letter, a
            digit or "_".
    """
    if not _DEVICE.fullmatch(name):
        raise InvalidSettings(
            f"device is {name[:80]!r}; allowed are 1 to 128 letters, digits and _ . : + -, "
            "beginning with a letter, a digit or _"
        )


def read_grant(data: bytes, keyring: Keyring, name: str) -> Grant:
    """A grant that enough root keys of the keyring signed.

    Args:
        name: its file, for messages.

    Raises:
        SignatureInvalid: it is no grant, or too few of them signed it.
        MissingDependency: the package cryptography is not installed.
    """
    envelope = read_envelope(data, name)
    signed = verify(envelope, KIND, keyring.root_keys, name)
    if len(signed) < keyring.root_threshold:
        raise SignatureInvalid(
            f"{name} is signed by {len(signed)} of this device's root keys; "
            f"{keyring.root_threshold} must sign a grant"
        )
    return parse_grant(envelope.payload, name)


def parse_grant(payload: bytes, name: str) -> Grant:
    """A grant from the payload of its envelope.

    Raises:
        SignatureInvalid: these bytes are no grant.
    """
    try:
        return read(Grant, parse_json(payload, name, most_bytes=MOST_BYTES))
    except InvalidSettings as error:
        raise SignatureInvalid(f"{name} is not a usable grant: {error}") from None


def seal_grant(grant: Grant, signers: Sequence[Signer]) -> bytes:
    """A grant's envelope.

    Raises:
        TrustError: a signer failed.
    """
    payload = (json.dumps(plain(grant), indent=1, sort_keys=True) + "\n").encode()
    return seal(KIND, payload, [signer.sign(KIND, payload) for signer in signers])
