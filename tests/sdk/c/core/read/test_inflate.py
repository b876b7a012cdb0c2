"""The native inflate against zlib: what zlib makes, and what it refuses."""

from __future__ import annotations

import random
import zlib

from c_reader import Reader
from fuzz import mutation


def contents(rng: random.Random) -> bytes:
    """Data of every kind: noise, runs, few values, text that repeats from far back."""
    kind, length = rng.randrange(5), rng.choice((0, 1, 10, 300, 5_000, 70_000))
    if kind == 0:
        return rng.randbytes(length)
    if kind == 1:
        return bytes([rng.randrange(256)]) * length
    if kind == 2:
        return bytes(rng.choice(b"abcd") for _ in range(length // 10))
    piece = rng.randbytes(rng.choice((3, 500, 32_000)))
    return (piece * (length // len(piece) + 1))[:length] + rng.randbytes(kind)


def packed(rng: random.Random, data: bytes, wbits: int) -> bytes:
    strategy = rng.choice((zlib.Z_DEFAULT_STRATEGY, zlib.Z_FIXED, zlib.Z_RLE, zlib.Z_HUFFMAN_ONLY))
    pack = zlib.compressobj(rng.randrange(10), zlib.DEFLATED, wbits, rng.randrange(1, 10), strategy)
    half = len(data) // 2
    stream = pack.compress(data[:half])
    stream += pack.flush(rng.choice((zlib.Z_NO_FLUSH, zlib.Z_FULL_FLUSH, zlib.Z_SYNC_FLUSH)))
    return stream + pack.compress(data[half:]) + pack.flush()


def unpacked(data: bytes, wbits: int, size: int) -> bytes | None:
    """What zlib makes of it; None where it is not exactly so many bytes."""
    unpack = zlib.decompressobj(wbits)
    try:
        content = unpack.decompress(data, size + 1)
    except zlib.error:
        return None
    whole = unpack.eof and not unpack.unused_data and not unpack.unconsumed_tail
    return content if whole and len(content) == size else None


def test_what_zlib_packs_is_unpacked(reader: Reader) -> None:
    rng = random.Random(1)
    for kind, widths in (("r", range(-15, -8)), ("z", range(9, 16))):
        whole = [contents(rng) for _ in range(400)]
        requests = [(packed(rng, data, rng.choice(widths)), len(data)) for data in whole]
        assert reader.answers(kind, requests) == whole


def test_what_zlib_refuses_is_refused_and_what_both_take_is_equal(reader: Reader) -> None:
    rng = random.Random(2)
    seeds = [contents(rng)[:400] for _ in range(60)]
    taken = 0
    for kind, wbits in (("r", -15), ("z", 15)):
        requests = []
        for _ in range(6_000):
            data = rng.choice(seeds)
            size = max(0, len(data) + rng.choice((0, 0, 0, 0, -1, 1)))
            requests.append((mutation.mutated(rng, packed(rng, data, wbits)), size))
        answers = reader.answers(kind, requests)
        for (data, size), answer in zip(requests, answers, strict=True):
            wanted = unpacked(data, wbits, size)
            if wanted is None:
                assert answer.startswith(b"!"), (data, size)
            else:
                assert answer == wanted, (data, size)
                taken += 1
    assert taken > 50


def test_a_size_that_is_not_the_right_one_is_refused(reader: Reader) -> None:
    data = zlib.compress(b"abc" * 100)
    assert [a[:1] for a in reader.answers("z", [(data, 299), (data, 300), (data, 301)])] == [
        b"!", b"a", b"!"
    ]  # fmt: skip


def test_empty_blocks_without_end_are_refused_before_they_cost_time(reader: Reader) -> None:
    empty = b"\x00\x00\x00\xff\xff" * 4_000 + zlib.compress(b"", 9)[2:-4]
    assert reader.answer("r", empty).startswith(b"!it is larger packed")
