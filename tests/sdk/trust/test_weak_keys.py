from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sonoedge.errors import InvalidSettings
from sonoedge.trust.keys import PublicKey
from sonoedge.trust.weak_keys import is_weak

P = 2**255 - 19
D = -121665 * pow(121666, P - 2, P) % P
PRIME_ORDER = 2**252 + 27742317777372353535851937790883648493
Point = tuple[int, int]
NEUTRAL: Point = (0, 1)


def _add(a: Point, b: Point) -> Point:
    """The Edwards addition law in affine coordinates (RFC 8032, section 5.1.4)."""
    k = D * a[0] * b[0] * a[1] * b[1] % P
    x = (a[0] * b[1] + a[1] * b[0]) * pow(1 + k, P - 2, P) % P
    y = (a[1] * b[1] + a[0] * b[0]) * pow(1 - k, P - 2, P) % P
    return x, y


def _point(encoded: bytes) -> Point | None:
    """The curve's point of an encoding, its y reduced; None where no x belongs to it."""
    y = (int.from_bytes(encoded, "little") & (2**255 - 1)) % P
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    return None if (x * x - square) % P else (x, y)


def _times(factor: int, point: Point) -> Point:
    total = NEUTRAL
    for bit in f"{factor:b}":
        total = _add(total, total)
        if bit == "1":
            total = _add(total, point)
    return total


def _small_order_points() -> set[Point]:
    """The eight points that eight times themselves are the neutral one."""
    for y in range(2, 100):
        point = _point(y.to_bytes(32, "little"))
        if point is not None:
            small = _times(PRIME_ORDER, point)
            multiples = {_times(k, small) for k in range(8)}
            if len(multiples) == 8:
                return multiples
    raise AssertionError("no generator was found")


def _encodings() -> set[bytes]:
    """All 32 bytes that a reader which reduces y would take for one of these points."""
    return {
        (value | sign << 255).to_bytes(32, "little")
        for _, y in _small_order_points()
        for value in (y, y + P)
        if value < 2**255
        for sign in (0, 1)
    }


def test_every_encoding_of_a_point_of_small_order_is_weak_and_there_are_14() -> None:
    encodings = _encodings()
    assert len(encodings) == 14
    assert all(is_weak(e) for e in encodings)


def test_honest_keys_are_not_weak() -> None:
    for seed in range(200):
        private = Ed25519PrivateKey.from_private_bytes(seed.to_bytes(32, "little"))
        assert not is_weak(private.public_key().public_bytes_raw())


def test_a_weak_key_would_vouch_for_anything_and_is_refused() -> None:
    neutral = bytes([1]) + bytes(31)
    nothing = neutral + bytes(32)  # R the neutral point, S zero: no private key is needed
    try:
        Ed25519PublicKey.from_public_bytes(neutral).verify(nothing, b"any message at all")
    except InvalidSignature:
        pytest.fail("the library refuses weak keys by now; this table may go")
    with pytest.raises(InvalidSettings, match="weak"):
        PublicKey(neutral)
