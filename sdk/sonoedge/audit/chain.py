"""The hash chain: each record holds the hash of all that came before it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from sonoedge.audit.kinds import DIGEST, LARGEST
from sonoedge.errors import InvalidSettings

ZERO: Final = "0" * 64  # what comes before the first record
MOST_DIGITS: Final = 19


def link(prev: str, line: bytes) -> str:
    """The chain's hash after a line: SHA-256(the hash before it || the line)."""
    return hashlib.sha256(bytes.fromhex(prev) + line).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """How far a log had come, to be kept outside of it: a log that ends earlier was cut.

    Attributes:
        seq: of the newest record.
        hash: the chain's after it; "" where only its number is known.
        seal: the newest seal's code; "" where there is none.
    """

    seq: int
    hash: str = ""
    seal: str = ""

    def __str__(self) -> str:
        return ":".join(part for part in (str(self.seq), self.hash, self.seal) if part)


def parse_anchor(text: str) -> Anchor:
    """Read `SEQ`, `SEQ:HASH` or `SEQ:HASH:SEAL`.

    Raises:
        InvalidSettings: it is none of these.
    """
    seq, *digests = text.split(":")
    number = seq.isascii() and seq.isdigit() and len(seq) <= MOST_DIGITS and int(seq) <= LARGEST
    if not number or len(digests) > 2 or not all(DIGEST.fullmatch(part) for part in digests):
        raise InvalidSettings(
            "an anchor is SEQ, SEQ:HASH or SEQ:HASH:SEAL, as sonoedge audit head prints it"
        )
    return Anchor(seq=int(seq), hash="".join(digests[:1]), seal="".join(digests[1:]))
