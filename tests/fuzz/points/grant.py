"""A grant below a floor, and the record of those used: damaged, or signed and hostile."""

from __future__ import annotations

from typing import Any

from fuzz.entry_point import Document, EntryPoint
from fuzz.points.keys import KEYRING, signer
from fuzz.scratch import scratch_file
from fuzz.seeds import as_json
from sonoedge.errors import TrustError
from sonoedge.trust.envelope import seal
from sonoedge.trust.grant import KIND, read_grant
from sonoedge.trust.grant_folder import RECORD, GrantFolder

GRANT: dict[str, Any] = {"device": "cart-7", "manifest_sha256": "ab" * 32, "counter": 3}
USED: dict[str, Any] = {"used": [1, 3], "running": {"p": GRANT}}


def sealed(fields: Any) -> bytes:
    payload = as_json(fields)
    return seal(KIND, payload, [signer("root-a").sign(KIND, payload)])


def attack(data: bytes) -> None:
    """Both files in turns: an input is read as the one and as the other."""
    folder = GrantFolder(scratch_file(RECORD, data).parent, "cart-7")
    try:
        assert folder.find("ab" * 32, "p", KEYRING).counter >= 1
    except TrustError:
        grant = read_grant(data, KEYRING, "1.grant.json")
        assert grant.counter >= 1


POINT = EntryPoint(
    attack=attack,
    seeds=(sealed(GRANT), as_json(USED)),
    engines=("trees", "bytes", "coverage"),
    document=Document(trees=(GRANT, USED), encode=sealed),
    suffix=".json",
)
