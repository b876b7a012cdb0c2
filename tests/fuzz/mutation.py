"""Bytes with a few places changed: flips, numbers at the edge of their range, cuts, insertions."""

from __future__ import annotations

import random
import struct
from typing import Final

_EDGES: Final = (0, 1, 0x7F, 0xFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_LONGEST: Final = 1 << 16


def mutated(rng: random.Random, seed: bytes) -> bytes:
    """The seed with 1 to 16 changes; never longer than it, or 64 KiB, by much."""
    data = bytearray(seed)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        _change(rng, data)
        if not data:
            break
    return bytes(data)


def _change(rng: random.Random, data: bytearray) -> None:
    chance, at = rng.random(), rng.randrange(len(data)) if data else 0
    if not data or chance < 0.1:
        if len(data) < _LONGEST:
            data[at:at] = rng.randbytes(rng.choice((1, 2, 4)))
    elif chance < 0.5:
        data[at] = rng.randrange(256)
    elif chance < 0.65:
        data[at] ^= 1 << rng.randrange(8)
    elif chance < 0.75:
        del data[at : at + rng.choice((1, 2, 4, 50))]
    elif chance < 0.85:
        data[at : at + 4] = struct.pack(rng.choice("<>") + "I", rng.choice(_EDGES))
    elif chance < 0.92:
        begin = rng.randrange(len(data))
        piece = data[begin : begin + rng.choice((1, 4, 16, 64))]
        if len(data) < _LONGEST:
            data[at:at] = piece
    else:
        del data[at:]
