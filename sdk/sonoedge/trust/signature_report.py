"""Who signed an envelope, in the eyes of a device: for a person, also where it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from sonoedge.errors import SignatureInvalid
from sonoedge.trust.envelope import Signature, read_envelope
from sonoedge.trust.keyring import Keyring
from sonoedge.trust.manifest_signature import ENVELOPE, KIND
from sonoedge.trust.policy import TrustPolicy

State = Literal["counts", "revoked", "dev", "other product", "invalid", "unknown", "unchecked"]
MEANING: Final[dict[State, str]] = {
    "counts": "counts",
    "revoked": "does not count: the key was revoked",
    "dev": "does not count: a development key, and the keyring takes none",
    "other product": "does not count: the key may not sign bundles of this name",
    "invalid": "does not count: it does not fit this manifest",
    "unknown": "does not count: the device does not know this key",
    "unchecked": "not checked: the device has no keyring",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureState:
    """One signature.

    Attributes:
        key_id: the key's as the envelope claims it; nothing vouches for it unless it counts.
        state: what it is to this device; see `MEANING`.
    """

    key_id: str
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureReport:
    """An envelope's signatures.

    Attributes:
        signed: whether there is an envelope; it may be unreadable, and then lists none.
        keyring_version: of the device's keyring; None where it has none.
        threshold: so many different keys must count; None without a keyring.
    """

    signed: bool
    keyring_version: int | None
    threshold: int | None
    signatures: tuple[SignatureState, ...] = ()


def signature_report(
    envelope: bytes | None, policy: TrustPolicy, product: str | None = None
) -> SignatureReport:
    """What each signature of a bundle's envelope is to this device.

    Args:
        envelope: the bytes of manifest.dsse.json; None where there is none.
        product: the bundle's name, where signatures that hold let it be read.

    Raises:
        MissingDependency: the package cryptography is not installed.
    """
    keyring = policy.keyring
    signatures: tuple[SignatureState, ...] = ()
    if envelope is not None:
        try:
            content = read_envelope(envelope, ENVELOPE)
        except SignatureInvalid:
            pass  # whoever opens the bundle says so, and why
        else:
            message = b"" if content.kind != KIND else content.message
            signatures = tuple(
                SignatureState(key_id=s.key_id, state=_state(s, message, keyring, product))
                for s in content.signatures
            )
    return SignatureReport(
        signed=envelope is not None,
        keyring_version=None if keyring is None else keyring.version,
        threshold=None if keyring is None else keyring.release_threshold,
        signatures=signatures,
    )


def _state(
    signature: Signature, message: bytes, keyring: Keyring | None, product: str | None
) -> State:
    if keyring is None:
        return "unchecked"
    key = next((k for k in keyring.release if k.keyid == signature.key_id), None)
    if key is None:
        return "unknown"
    if not key.public_key.holds(signature.value, message):
        return "invalid"
    if key.keyid in keyring.revoked:
        return "revoked"
    if key.role == "dev" and not keyring.allow_dev:
        return "dev"
    if product is not None and key.public_key not in keyring.release_keys(product):
        return "other product"
    return "counts"
