from __future__ import annotations

import os
import random
import re
from pathlib import Path
from typing import Any

import pytest

from sonoedge.audit import Anchor, SealKey, verify_log
from sonoedge.audit.appending import Appender
from sonoedge.audit.chain import link
from sonoedge.audit.record import Record, encode, parse
from sonoedge.audit.seal import replace_key
from sonoedge.audit.verify import check_log
from sonoedge.errors import AuditBroken

EDITS = int(os.environ.get("SONOEDGE_AUDIT_EDITS", "1000"))  # make audit: 10,000
NAME = "audit-00000000.jsonl"


def joined(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def edit(chance: random.Random, lines: list[bytes]) -> tuple[str, bytes]:
    """One of the ways to change a log, and what it looks like then."""
    at = chance.randrange(len(lines))
    way = chance.choice(["bit", "byte", "drop", "swap", "double", "cut", "insert", "value"])
    data = bytearray(joined(lines))
    if way == "bit":
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif way == "byte":
        data[chance.randrange(len(data))] = chance.randrange(256)
    elif way == "drop":
        data = bytearray(joined(lines[:at] + lines[at + 1 :]))
    elif way == "swap":
        other = chance.randrange(len(lines))
        lines = list(lines)
        lines[at], lines[other] = lines[other], lines[at]
        data = bytearray(joined(lines))
    elif way == "double":
        data = bytearray(joined(lines[: at + 1] + lines[at:]))
    elif way == "cut":
        data = data[: chance.randrange(len(data))]
    elif way == "insert":
        place = chance.randrange(len(data))
        data[place:place] = chance.randbytes(chance.randrange(1, 5))
    else:
        digits = re.sub(rb'(?<=":)\d+', str(chance.randrange(10**6)).encode(), lines[at], count=1)
        data = bytearray(joined([*lines[:at], digits, *lines[at + 1 :]]))
    return way, bytes(data)


@pytest.mark.req("R49")
def test_no_edit_goes_unseen_and_every_one_is_a_typed_error(filled: Any) -> None:
    whole = filled.verify()
    anchor = Anchor(seq=whole.last, hash=whole.hash)
    lines, data = filled.lines, filled.files[0].read_bytes()
    chance = random.Random(20)
    unseen: dict[str, int] = {}
    seen = 0
    for _ in range(EDITS):
        way, edited = edit(chance, lines)
        if edited == data:
            continue
        seen += 1
        try:
            check_log([(NAME, edited)], key=filled.key, anchor=anchor)
        except AuditBroken:
            continue
        unseen[way] = unseen.get(way, 0) + 1
    assert unseen == {}
    assert seen > 0.9 * EDITS


def test_every_bit_of_a_log_counts_the_last_seals_among_them(log: Any) -> None:
    data = joined(log.lines)
    for bit in range(8 * len(data)):
        edited = bytearray(data)
        edited[bit // 8] ^= 1 << bit % 8
        with pytest.raises(AuditBroken):
            check_log([(NAME, bytes(edited))], key=log.key)


@pytest.mark.req("R49")
def test_a_cut_tail_is_seen_with_an_anchor_alone(filled: Any) -> None:
    whole = filled.verify()
    for kept in range(1, len(filled.lines)):
        contents = [(NAME, joined(filled.lines[:kept]))]
        check_log(contents, key=filled.key)  # as whole as a log that never went further
        with pytest.raises(AuditBroken, match="was cut"):
            check_log(contents, key=filled.key, anchor=Anchor(seq=whole.last))
    assert verify_log(filled.folder, anchor=Anchor(seq=whole.last)).anchor_checked


@pytest.mark.parametrize("contents", [[], [(NAME, b"")]], ids=["removed", "emptied"])
@pytest.mark.parametrize("keyed", [True, False])
def test_a_log_without_a_record_is_not_a_whole_one(
    filled: Any, contents: list[tuple[str, bytes]], keyed: bool
) -> None:
    with pytest.raises(AuditBroken, match="has no records"):
        check_log(contents, key=filled.key if keyed else None)


def test_another_log_of_the_same_length_is_not_the_anchors(filled: Any) -> None:
    last = filled.verify().last
    with pytest.raises(AuditBroken, match=f"record {last} is not the anchor's"):
        verify_log(filled.folder, anchor=Anchor(seq=last, hash="ab" * 32))


def rewritten(lines: list[bytes], at: int, key: SealKey) -> list[bytes]:
    """A log whose chain is right throughout, with one record changed and seals by this key."""
    result = list(lines[:at])
    head = parse(lines[at]).prev
    for number, line in enumerate(lines[at:], at):
        record = parse(line)
        values = {**record.values, "count": 999} if number == at else record.values
        record = Record(
            seq=record.seq, mono_ns=record.mono_ns, kind=record.kind, values=values, prev=head
        )
        if record.kind == "seal":
            record = key.signed(record)
        result.append(encode(record))
        head = link(head, result[-1])
    return result


@pytest.mark.req("R49")
def test_whoever_has_the_device_today_cannot_rewrite_yesterday(filled: Any, tmp_path: Path) -> None:
    first_drop = next(r.seq for r in filled.records("drops"))
    forged = joined(rewritten(filled.lines, first_drop, filled.key.following(4)))
    check_log([(NAME, forged)])  # the chain alone does not tell
    with pytest.raises(AuditBroken, match="not made with this log's key"):
        check_log([(NAME, forged)], key=filled.key)


def test_a_log_begun_anew_in_the_place_of_one_has_not_its_key(filled: Any, tmp_path: Path) -> None:
    for file in filled.folder.iterdir():
        file.unlink()
    replace_key(filled.folder, SealKey(epoch=0, key="07" * 32))
    with Appender(filled.folder, new=True) as appender:
        appender.seal(1)
    assert verify_log(filled.folder).seals == 1
    with pytest.raises(AuditBroken, match="not made with this log's key"):
        filled.verify()


def test_files_that_were_removed_by_hand_are_missed(
    log: Any, drops: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sonoedge.audit.appending.MOST_FILE_BYTES", 6000)
    with Appender(log.folder) as appender:
        while len(log.files) < 4:
            appender.append(drops(3))
        appender.seal(1)
    contents = [(file.name, file.read_bytes()) for file in log.files]
    check_log(contents, key=log.key)
    with pytest.raises(AuditBroken, match="does not say that they were rolled off"):
        check_log(contents[1:], key=log.key)
    with pytest.raises(AuditBroken, match="missing or out of order"):
        check_log([contents[0], *contents[2:]], key=log.key)
    with pytest.raises(AuditBroken, match="was cut"):
        check_log(contents[:-1], key=log.key, anchor=Anchor(seq=log.verify().last))


def test_a_copy_without_its_lock_is_checked_as_well(filled: Any) -> None:
    (filled.folder / "lock").unlink()
    (filled.folder / "seal.key").unlink()
    assert filled.verify().last == 28


def test_what_is_not_sealed_yet_is_told(filled: Any, drops: Any) -> None:
    with Appender(filled.folder) as appender:
        appender.append(drops(3)[2:])
        appender.append(drops(5)[3:])
    verified = filled.verify()
    assert (verified.unsealed, verified.unsealed_since_ns) == (3, 2)
    assert not verify_log(filled.folder).seals_checked


def test_a_file_that_is_longer_than_any_is_refused(filled: Any) -> None:
    with filled.files[0].open("ab") as file:
        file.truncate(2 << 20)
    with pytest.raises(AuditBroken, match="longer than"):
        filled.verify()
