"""Ed25519 public keys under which a signature proves nothing.

A point of small order (1, 2, 4 or 8) makes a constant of the part of the equation that the
key stands in: the signature of zeros then verifies for many messages. RFC 8032 leaves it to
the verifier whether such keys are refused, and OpenSSL takes them. The curve has eight such
points (Bernstein et al., "High-speed high-security signatures", 2012); with the encodings
whose y is not reduced, and the sign bit, 14 strings name them.
"""

from __future__ import annotations

from typing import Final

# The y coordinate's encodings, little endian, without the sign bit.
_SMALL_ORDER: Final = (
    "0000000000000000000000000000000000000000000000000000000000000000",  # y = 0, order 4
    "0100000000000000000000000000000000000000000000000000000000000000",  # y = 1, order 1
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",  # order 8
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",  # order 8
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  # y = p - 1, order 2
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  # y = p, which is 0
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  # y = p + 1, which is 1
)


def is_weak(public: bytes) -> bool:
    """Whether a raw public key of 32 bytes names a point of small order."""
    return (public[:31] + bytes([public[31] & 0x7F])).hex() in _SMALL_ORDER
