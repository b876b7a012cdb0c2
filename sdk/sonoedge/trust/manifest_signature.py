"""Whether the keys that a device trusts vouch for a bundle's manifest, and for this product.

The manifest names every file with its size and SHA-256: who signed its bytes signed the
bundle. The order is fixed: signatures, then parsing, then product and floor, then digests.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from sonoedge.errors import (
    KeyRevoked,
    KeyUnknown,
    SignatureInvalid,
    SignatureMissing,
)
from sonoedge.trust.admission import Admission, admit
from sonoedge.trust.envelope import Envelope, read_envelope, verify
from sonoedge.trust.keyring import Keyring
from sonoedge.trust.keys import PublicKey
from sonoedge.trust.policy import TrustPolicy

KIND: Final = "application/vnd.sonoedge.manifest.v2+json"
ENVELOPE: Final = "manifest.dsse.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """Bytes of a manifest, and who vouches for them.

    Attributes:
        payload: the manifest's bytes, which may be parsed.
        keys: the trusted keys whose signature holds; empty where no keyring is installed.
        signed: whether there is an envelope at all; without a keyring nothing checked it.
        admission: why it may run at its security version; None without a keyring.
    """

    payload: bytes
    keys: frozenset[PublicKey] = frozenset()
    signed: bool = False
    admission: Admission | None = None

    def describe(self) -> str:
        """Who vouches for the bundle, in words."""
        if self.keys:
            return "signed by " + ", ".join(sorted(key.id[:16] for key in self.keys))
        if self.signed:
            return "not checked: signatures lie with it, but no keyring is installed"
        return "unsigned: nobody vouches for this bundle"


def check_signature(manifest: bytes, envelope: bytes | None, policy: TrustPolicy) -> Vouched:
    """The bytes to parse, once enough trusted keys vouch for them.

    Args:
        manifest: the bytes of manifest.json.
        envelope: those of manifest.dsse.json; None where there is none.

    Raises:
        SignatureMissing: a keyring is installed and the bundle is not signed.
        SignatureInvalid: the envelope is damaged or holds another manifest.
        KeyUnknown: too few keys that this device trusts signed it.
        KeyRevoked: a key that signed it was revoked, or the manifest itself is blocked.
        MissingDependency: the package cryptography is not installed.
    """
    keyring = policy.keyring
    if keyring is None:
        return Vouched(payload=manifest, signed=envelope is not None)
    if envelope is None:
        raise SignatureMissing(
            f"the bundle has no {ENVELOPE}, and this device runs signed bundles only; "
            "run: sonoedge sign BUNDLE --key KEY.pem"
        )
    opened = read_envelope(envelope, ENVELOPE)
    keys = verify(opened, KIND, [key.public_key for key in keyring.release], ENVELOPE)
    _check_blocked(opened, keyring)
    counted = keys & _counting(keyring)
    if len(counted) < keyring.release_threshold:
        raise _too_few(opened, keyring, keys, counted)
    if opened.payload != manifest:
        raise SignatureInvalid(
            f"manifest.json is not the one that was signed in {ENVELOPE}; copy the bundle again"
        )
    return Vouched(payload=opened.payload, keys=counted, signed=True)


def check_product(
    vouched: Vouched, product: str, security_version: int, policy: TrustPolicy
) -> Vouched:
    """Whether those keys may sign this product, and it is not older than floor or grant allow.

    Args:
        product: the bundle's name, from the manifest whose signatures hold.
        security_version: the manifest's.

    Returns:
        the same with the keys that may sign this product, and why it may run.

    Raises:
        KeyUnknown: too few of the keys may sign this product.
        RollbackRefused: the device must not go back to this version.
        NotThisDevice: the grant to go back to it is another device's.
        TrustError: the floors or grants cannot be read.
    """
    keyring = policy.keyring
    if keyring is None:
        return vouched
    counted = vouched.keys & keyring.release_keys(product)
    if len(counted) < keyring.release_threshold:
        raise KeyUnknown(
            f"the bundle is signed by {len(counted)} of the keys that may sign {product!r}; "
            f"{keyring.release_threshold} must: sign it with another (sonoedge sign --add), or "
            "update the device's keyring"
        )
    admission = admit(vouched.payload, product, security_version, policy)
    return replace(vouched, keys=counted, admission=admission)


def _counting(keyring: Keyring) -> frozenset[PublicKey]:
    """Release keys that count for some product."""
    products = {product for key in keyring.release for product in key.products}
    return frozenset().union(*(keyring.release_keys(product) for product in products))


def _check_blocked(envelope: Envelope, keyring: Keyring) -> None:
    sha256 = hashlib.sha256(envelope.payload).hexdigest()
    if sha256 in keyring.blocked:
        raise KeyRevoked(f"the bundle (manifest {sha256[:12]}...) was withdrawn by its maker")


def _too_few(
    envelope: Envelope,
    keyring: Keyring,
    keys: Collection[PublicKey],
    counted: Collection[PublicKey],
) -> KeyUnknown | KeyRevoked | SignatureInvalid:
    """Why too few count: the most telling reason."""
    revoked = [key.id for key in keys if key.id in keyring.revoked]
    if revoked:
        return KeyRevoked(f"the bundle is signed by the key {revoked[0][:16]}, which was revoked")
    trusted = {key.keyid for key in keyring.release}
    if any(signature.key_id in trusted for signature in envelope.signatures) and not keys:
        return SignatureInvalid(
            "the bundle's signature does not fit its manifest; copy or sign the bundle again"
        )
    if any(key.role == "dev" and key.public_key in keys for key in keyring.release):
        return KeyUnknown(
            "the bundle is signed by a development key, and this device's keyring takes none; "
            "sign it with a release key"
        )
    return KeyUnknown(
        f"the bundle is signed by {len(counted)} of the keys that this device trusts; "
        f"{keyring.release_threshold} must: sign it with one of those (sonoedge keyring show lists "
        "them), or update the device's keyring"
    )
