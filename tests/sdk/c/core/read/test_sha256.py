from __future__ import annotations

import hashlib
import random

from c_reader import Reader


def test_the_digest_is_hashlibs_whatever_the_length_and_the_pieces(reader: Reader) -> None:
    rng = random.Random(1)
    lengths = [*range(200), 1_000, 4_095, 65_537, 300_000]
    requests = [
        (rng.randbytes(length), rng.choice((1, 7, 63, 64, 65, 4_096))) for length in lengths
    ]
    answers = reader.answers("h", requests)
    assert answers == [hashlib.sha256(data).hexdigest().encode() for data, _ in requests]
