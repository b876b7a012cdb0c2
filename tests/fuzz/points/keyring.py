"""A keyring that is to follow another: damaged, or signed by a root key and hostile."""

from __future__ import annotations

from fuzz.entry_point import Document, EntryPoint
from fuzz.points.keys import KEYRING, keyring_fields, sealed_keyring
from sonoedge.trust.rollover import first_keyring, next_keyring

NEXT = keyring_fields(2)


def attack(data: bytes) -> None:
    keyring = next_keyring(KEYRING, data, "2.keyring.json")
    assert keyring.version == KEYRING.version + 1
    assert keyring.root_keys
    keyring.release_keys("p")
    first_keyring(data, "2.keyring.json")


POINT = EntryPoint(
    attack=attack,
    seeds=(sealed_keyring(NEXT), sealed_keyring(keyring_fields(1))),
    engines=("trees", "bytes", "coverage"),
    document=Document(trees=(NEXT,), encode=sealed_keyring),
    suffix=".json",
)
