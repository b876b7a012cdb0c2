"""manifest.dsse.json: whatever it says, only what a trusted key signed is believed."""

from __future__ import annotations

import json

from fuzz.entry_point import Document, EntryPoint
from fuzz.points.keys import KEYRING, signer
from fuzz.seeds import as_json
from sonoedge.trust.envelope import seal
from sonoedge.trust.manifest_signature import KIND, check_signature
from sonoedge.trust.policy import TrustPolicy

PAYLOAD = b'{"name": "p"}'
ENVELOPE = seal(KIND, PAYLOAD, [signer(n).sign(KIND, PAYLOAD) for n in ("release-a", "release-b")])
SIGNED = seal(KIND, PAYLOAD, [signer("release-a").sign(KIND, PAYLOAD)])
POLICY = TrustPolicy(keyring=KEYRING)


def attack(data: bytes) -> None:
    vouched = check_signature(PAYLOAD, data, POLICY)
    assert vouched.payload == PAYLOAD
    assert {key.id for key in vouched.keys} == {signer("release-a").public_key.id}
    vouched.describe()


POINT = EntryPoint(
    attack=attack,
    seeds=(SIGNED, ENVELOPE),
    engines=("trees", "bytes", "coverage"),
    document=Document(trees=(json.loads(SIGNED), json.loads(ENVELOPE)), encode=as_json),
    suffix=".json",
)
