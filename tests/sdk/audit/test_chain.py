from __future__ import annotations

import hashlib

import pytest

from sonoedge.audit import Anchor, parse_anchor
from sonoedge.audit.chain import ZERO, link
from sonoedge.errors import InvalidSettings

HASH, SEAL = "ab" * 32, "cd" * 32


def test_the_hash_is_over_the_one_before_and_the_line() -> None:
    assert link(ZERO, b"{}") == hashlib.sha256(bytes(32) + b"{}").hexdigest()


@pytest.mark.parametrize(
    "anchor", [Anchor(seq=0), Anchor(seq=7, hash=HASH), Anchor(seq=7, hash=HASH, seal=SEAL)]
)
def test_an_anchor_reads_back_as_it_was_printed(anchor: Anchor) -> None:
    assert parse_anchor(str(anchor)) == anchor


@pytest.mark.parametrize(
    "text",
    ["", "x", "-1", "1.0", "\u0661", "9" * 20, str(1 << 63), "1:", f"1:{HASH.upper()}"]
    + [f"1:{HASH}:{SEAL}:{SEAL}", f":{HASH}", " 1"],
)
def test_what_is_no_anchor_is_refused(text: str) -> None:
    with pytest.raises(InvalidSettings, match="audit head"):
        parse_anchor(text)
