from __future__ import annotations

from collections.abc import Callable

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge.trust.keys import PublicKey
from sonoedge.trust.signing import FileSigner

# RFC 8032, section 7.1, test 2.
PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def test_the_standards_own_example_holds() -> None:
    assert PublicKey(PUBLIC).holds(SIGNATURE, b"\x72")
    assert not PublicKey(PUBLIC).holds(SIGNATURE, b"\x73")


def test_a_signature_whose_scalar_is_not_reduced_is_refused() -> None:
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = int.from_bytes(SIGNATURE[32:], "little") + order
    assert not PublicKey(PUBLIC).holds(SIGNATURE[:32] + scalar.to_bytes(32, "little"), b"\x72")


@pytest.mark.parametrize("length", [0, 63, 65])
def test_a_signature_of_another_length_never_holds(length: int) -> None:
    assert not PublicKey(PUBLIC).holds(bytes(length), b"\x72")


def test_bytes_that_are_no_point_of_the_curve_vouch_for_nothing() -> None:
    assert not PublicKey(bytes([2]) + bytes(31)).holds(bytes(64), b"x")


def test_a_key_of_another_length_is_refused(signer: Callable[[str], FileSigner]) -> None:
    with pytest.raises(InvalidSettings, match="32 bytes"):
        PublicKey(signer("a").public_key.raw + b"x")
