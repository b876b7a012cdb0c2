from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from sonoedge.audit.chain import ZERO
from sonoedge.audit.record import MOST_LINE_BYTES, Record, encode, parse
from sonoedge.errors import InvalidSettings

RECORD = Record(
    seq=3, mono_ns=12, kind="torn", values={"bytes": 7}, prev="ab" * 32
)  # fmt: skip
LINE = encode(RECORD)


def test_a_line_reads_back_as_its_record() -> None:
    assert parse(LINE) == RECORD
    assert json.loads(LINE)["bytes"] == 7


def test_a_record_has_one_form_alone() -> None:
    data = json.loads(LINE)
    others = [
        json.dumps(data).encode(),
        json.dumps(data, separators=(",", ":")).encode() + b" ",
        LINE.replace(b'"bytes":7', b'"bytes":7.0'),
        LINE.replace(b'"bytes":7', b'"bytes":07'),
        LINE.replace(b'"torn"', b'"\\u0074orn"'),
        LINE.replace(b"{", b'{"bytes":7,', 1),
        LINE.replace(b"ab", b"AB"),
        b"\xef\xbb\xbf" + LINE,
        b"[]",
        b"null",
        b"",
        b"{" * 100_000,
        b" " * MOST_LINE_BYTES + LINE,
    ]
    for other in others:
        with pytest.raises(InvalidSettings):
            parse(other)


@pytest.mark.parametrize("key", ["seq", "mono_ns", "kind", "prev", "bytes"])
def test_every_key_must_be_there_and_of_its_type(key: str) -> None:
    data = json.loads(LINE)
    for value in (None, -1, 1.5, True, "x y", [], ZERO[1:]):
        line = json.dumps({**data, key: value}, separators=(",", ":"), sort_keys=True)
        with pytest.raises(InvalidSettings):
            parse(line.encode())
    del data[key]
    with pytest.raises(InvalidSettings):
        parse(json.dumps(data, separators=(",", ":"), sort_keys=True).encode())


def test_whatever_bytes_come_the_error_is_typed() -> None:
    chance = random.Random(1)
    for _ in range(2000):
        line = bytearray(LINE)
        for _ in range(chance.randrange(1, 4)):
            line[chance.randrange(len(line))] = chance.randrange(256)
        try:
            record = parse(bytes(line))
        except InvalidSettings:
            continue
        assert encode(record) == bytes(line)


def test_numbers_keep_their_value() -> None:
    values = {"session": "s", "max_age_ms": 0.1 + 0.2, "threshold": 1e-300}
    record = replace(RECORD, kind="session_start", values=values)
    assert parse(encode(record)) == record
