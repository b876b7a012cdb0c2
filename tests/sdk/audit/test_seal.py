from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sonoedge.audit import SealKey, first_key
from sonoedge.audit.chain import ZERO
from sonoedge.audit.record import Record
from sonoedge.audit.seal import KEY_FILE, read_key, replace_key
from sonoedge.errors import AuditBroken, InvalidSettings

KEY = SealKey(epoch=0, key="07" * 32)
SEAL = Record(
    seq=4, mono_ns=9, kind="seal", values={"epoch": 0, "records": 3, "mac": ZERO}, prev="ab" * 32
)


def test_the_next_key_is_a_hash_of_the_one_before() -> None:
    expected = hashlib.sha256(b"next" + bytes.fromhex(KEY.key)).hexdigest()
    assert KEY.following() == SealKey(epoch=1, key=expected)
    assert KEY.following(3) == KEY.following().following().following()
    assert KEY.following(0) == KEY


def test_a_seal_covers_everything_in_its_record() -> None:
    signed = KEY.signed(SEAL)
    assert KEY.holds(signed)
    for change in ({"seq": 5}, {"mono_ns": 10}, {"prev": "ac" * 32}):
        assert not KEY.holds(replace(signed, **change))
    for key, value in (("epoch", 1), ("records", 4), ("mac", ZERO)):
        assert not KEY.holds(replace(signed, values={**signed.values, key: value}))
    assert not KEY.following().holds(signed)


@pytest.mark.parametrize("text", ["", "07" * 31, "0G" * 32, "AB" * 32])
def test_what_is_no_first_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidSettings):
        first_key(text)


def test_a_key_that_is_replaced_is_overwritten_and_its_owners_alone(tmp_path: Path) -> None:
    replace_key(tmp_path, KEY)
    os.link(tmp_path / KEY_FILE, tmp_path / "blocks")  # what was its blocks on the disk
    replace_key(tmp_path, KEY.following())
    assert read_key(tmp_path) == KEY.following()
    assert set((tmp_path / "blocks").read_bytes()) == {0}
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert {p.name for p in tmp_path.iterdir()} == {KEY_FILE, "blocks"}


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"\0" * 90, b'{"epoch": -1, "key": "%s"}' % (b"07" * 32), b"x" * 5000]
    + [b'{"epoch": 0, "key": "07"}', b'{"epoch": 0.0, "key": "%s"}' % (b"07" * 32)],
)
def test_a_damaged_key_is_told_without_its_content(tmp_path: Path, content: bytes) -> None:
    (tmp_path / KEY_FILE).write_bytes(content)
    with pytest.raises(AuditBroken, match="is damaged") as refused:
        read_key(tmp_path)
    assert "07" not in str(refused.value)


def test_a_missing_key_is_told(tmp_path: Path) -> None:
    with pytest.raises(AuditBroken, match="is missing"):
        read_key(tmp_path)


def test_a_key_that_cannot_be_written_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_key(tmp_path, KEY)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError):
        replace_key(tmp_path, KEY.following())
    assert read_key(tmp_path) == KEY
    assert [p.name for p in tmp_path.iterdir()] == [KEY_FILE]
