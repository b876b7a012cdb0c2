"""From one keyring to the next, by the rules of TUF's root metadata.

A keyring follows another if its version is exactly one more and both the old and the new
root keys signed it, each by its own threshold (TUF specification, section 5.3). A device that
was off for years follows the chain one by one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sonoedge.errors import RollbackRefused, SignatureInvalid
from sonoedge.trust.envelope import Envelope, read_envelope, verify
from sonoedge.trust.keyring import KIND, Keyring, parse_keyring
from sonoedge.trust.keys import PublicKey


def first_keyring(data: bytes, name: str) -> Keyring:
    """The keyring that the firmware brought: its own root keys signed it.

    Raises:
        SignatureInvalid: they did not, or it cannot be read.
    """
    envelope = read_envelope(data, name)
    keyring = _claimed(envelope, name)
    _require(envelope, keyring.root_keys, keyring.root_threshold, "its own", name)
    return keyring


def next_keyring(current: Keyring, data: bytes, name: str) -> Keyring:
    """The keyring that follows the current one.

    Raises:
        RollbackRefused: its version is not one more than the current one's.
        SignatureInvalid: too few root keys, old or new, signed it, or it cannot be read.
    """
    envelope = read_envelope(data, name)
    # The old keys first: nothing of the payload is parsed that they did not sign.
    _require(envelope, current.root_keys, current.root_threshold, "the current", name)
    keyring = _claimed(envelope, name)
    if keyring.version != current.version + 1:
        raise RollbackRefused(
            f"{name} is keyring version {keyring.version}; only version {current.version + 1} "
            f"can follow the installed version {current.version}"
        )
    _require(envelope, keyring.root_keys, keyring.root_threshold, "its own", name)
    return keyring


def follow(first: Keyring, envelopes: Iterable[tuple[str, bytes]]) -> Keyring:
    """The last keyring of a chain of (name, bytes), each of which follows the one before.

    Raises:
        RollbackRefused, SignatureInvalid: as `next_keyring`.
    """
    current = first
    for name, data in envelopes:
        current = next_keyring(current, data, name)
    return current


def _claimed(envelope: Envelope, name: str) -> Keyring:
    if envelope.kind != KIND:
        raise SignatureInvalid(f"{name} is signed as {envelope.kind[:80]!r}, not as {KIND}")
    return parse_keyring(envelope.payload, name)


def _require(
    envelope: Envelope, keys: Collection[PublicKey], threshold: int, whose: str, name: str
) -> None:
    signed = verify(envelope, KIND, keys, name)
    if len(signed) < threshold:
        raise SignatureInvalid(
            f"{name} is signed by {len(signed)} of {whose} root keys; {threshold} must sign it"
        )
