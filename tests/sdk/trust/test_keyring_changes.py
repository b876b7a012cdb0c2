from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge.trust.keyring import Keyring
from sonoedge.trust.keyring_changes import Changes, changed, key_row, seal_keyring
from sonoedge.trust.rollover import first_keyring, next_keyring
from sonoedge.trust.signing import FileSigner

Signers = Callable[[str], FileSigner]


@pytest.fixture
def first(signer: Signers) -> Keyring:
    return Keyring(
        version=1,
        root_threshold=1,
        root=(key_row(signer("root-a").public_key),),
        release_threshold=1,
        release=(key_row(signer("release-a").public_key),),
        floors={"breast": 3},
    )


def test_a_changed_keyring_follows_the_one_before(first: Keyring, signer: Signers) -> None:
    changes = Changes(
        add_root=(key_row(signer("root-b").public_key),),
        add_release=(key_row(signer("release-b").public_key, products=("thyroid",)),),
        revoke=(first.release[0].keyid[:8],),
        block=("ab" * 32,),
        floors={"breast": 2},
        root_threshold=2,
    )
    following = changed(first, changes)
    installed = first_keyring(seal_keyring(first, [signer("root-a")]), "v1")
    data = seal_keyring(following, [signer("root-a"), signer("root-b")])
    taken = next_keyring(installed, data, "v2")
    assert taken == following
    assert taken.release_keys("breast") == frozenset()
    assert taken.release_keys("thyroid") == {signer("release-b").public_key}
    assert (taken.floors, taken.blocked) == ({"breast": 2}, ("ab" * 32,))


def test_a_revoked_root_key_leaves_the_keyring(first: Keyring, signer: Signers) -> None:
    added = changed(first, Changes(add_root=(key_row(signer("root-b").public_key),)))
    without = changed(added, Changes(revoke=(first.root[0].keyid,)))
    assert [key.public_key for key in without.root] == [signer("root-b").public_key]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (lambda k: Changes(revoke=("0" * 64,)), "names 0 keys"),
        (lambda k: Changes(revoke=(k.release[0].keyid[:7],)), "8 digits"),
        (lambda k: Changes(revoke=(k.release[0].keyid,)), "0 release keys would count"),
        (lambda k: Changes(revoke=(k.root[0].keyid,)), "root must hold"),
        (lambda k: Changes(root_threshold=2), "root_threshold"),
        (lambda k: Changes(add_root=k.root), "a key twice"),
        (lambda k: Changes(block=("short",)), "blocked"),
        (lambda k: Changes(floors={"breast": 1 << 31}), "floors"),
    ],
)
def test_a_change_that_would_lock_everybody_out_is_refused(
    first: Keyring, changes: Callable[[Keyring], Changes], why: str
) -> None:
    with pytest.raises(InvalidSettings, match=why):
        changed(first, changes(first))


def test_the_same_keyring_has_the_same_bytes(first: Keyring, signer: Signers) -> None:
    made: list[Any] = [seal_keyring(first, [signer("root-a")]) for _ in range(2)]
    assert made[0] == made[1]
