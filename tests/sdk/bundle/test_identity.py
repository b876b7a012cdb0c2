from __future__ import annotations

import json
from pathlib import Path

from sonoedge.bundle.identity import is_id_of, manifest_text

TEXT = (Path(__file__).parents[2] / "data/tiny/manifest.json").read_bytes()
DATA = json.loads(TEXT)


def test_a_written_manifest_has_its_own_id_whatever_id_it_came_with() -> None:
    assert is_id_of(DATA["bundle_id"], TEXT)
    assert manifest_text(DATA).encode() == TEXT
    assert manifest_text(DATA | {"bundle_id": "another"}).encode() == TEXT


def test_every_changed_byte_makes_the_id_another_one() -> None:
    for at in range(0, len(TEXT), 7):
        changed = bytearray(TEXT)
        changed[at] ^= 1
        assert not is_id_of(DATA["bundle_id"], bytes(changed)), at


def test_a_setting_is_part_of_the_id() -> None:
    ids = set()
    for threshold in (0.3, 0.33):
        data = DATA | {"postprocess": DATA["postprocess"] | {"flag_threshold": threshold}}
        ids.add(json.loads(manifest_text(data))["bundle_id"])
    assert len(ids) == 2
    assert all(i.startswith("dark-spots-1-") for i in ids)


def test_an_id_that_stands_twice_or_not_at_all_is_not_the_texts_own() -> None:
    twice = TEXT.replace(b'"Tests."', json.dumps(DATA["bundle_id"]).encode())
    assert not is_id_of(DATA["bundle_id"], twice)
    assert not is_id_of("dark-spots-1-000000000000", TEXT)
    assert not is_id_of("", TEXT)
