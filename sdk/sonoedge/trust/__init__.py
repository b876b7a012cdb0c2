"""Who may say what runs here: signed envelopes, the keys a device trusts, and its floors."""

from sonoedge.trust.envelope import Envelope, Signature, read_envelope, seal, verify
from sonoedge.trust.keyring import Key, Keyring, parse_keyring
from sonoedge.trust.keys import PublicKey, key_id
from sonoedge.trust.rollover import first_keyring, follow, next_keyring

__all__ = [
    "Envelope",
    "Key",
    "Keyring",
    "PublicKey",
    "Signature",
    "first_keyring",
    "follow",
    "key_id",
    "next_keyring",
    "parse_keyring",
    "read_envelope",
    "seal",
    "verify",
]
