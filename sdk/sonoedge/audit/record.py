"""A record as one line of JSON, in the only form in which it is valid."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sonoedge.audit.kinds import DIGEST, LARGEST, Value, check_record
from sonoedge.errors import InvalidSettings
from sonoedge.strict_json import parse_json

MOST_LINE_BYTES: Final = 4096
_OWN: Final = ("seq", "mono_ns", "kind", "prev")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is to be recorded; its place in the chain is given when it is written.

    Attributes:
        mono_ns: when it happened, by the monotonic clock, nanoseconds.
        kind: a key of `KINDS`.
        values: as the kind's row says.
        urgent: it is synced to the disk and sealed as soon as it is written.
    """

    mono_ns: int
    kind: str
    values: Mapping[str, Value]
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An entry in its place.

    Attributes:
        seq: counts the records of a log from 0.
        mono_ns, kind, values: as in `Entry`.
        prev: the hash of the chain up to the record before, 64 hexadecimal digits.
    """

    seq: int
    mono_ns: int
    kind: str
    values: Mapping[str, Value]
    prev: str


def encode(record: Record) -> bytes:
    """The record's line, without its newline."""
    own = {"seq": record.seq, "mono_ns": record.mono_ns, "kind": record.kind, "prev": record.prev}
    return json.dumps(
        {**record.values, **own}, separators=(",", ":"), sort_keys=True, allow_nan=False
    ).encode("ascii")


def parse(line: bytes) -> Record:
    """Read a line, without its newline.

    Raises:
        InvalidSettings: it is not, byte for byte, what `encode` writes for an allowed record.
    """
    data = parse_json(line, "the record", most_bytes=MOST_LINE_BYTES, most_levels=1)
    if type(data) is not dict or any(key not in data for key in _OWN):
        raise InvalidSettings("a record has seq, mono_ns, kind and prev")
    record = _record(data)
    if encode(record) != line:
        raise InvalidSettings("the record is not written as this log writes")
    return record


def _record(data: dict[str, Any]) -> Record:
    seq, mono_ns, kind, prev = (data.pop(key) for key in _OWN)
    if not all(type(n) is int and 0 <= n <= LARGEST for n in (seq, mono_ns)):
        raise InvalidSettings("seq and mono_ns are whole numbers from 0 to 2^63 - 1")
    if type(prev) is not str or DIGEST.fullmatch(prev) is None:
        raise InvalidSettings("prev is 64 hexadecimal digits")
    check_record(kind, data)
    return Record(seq=seq, mono_ns=mono_ns, kind=kind, values=data, prev=prev)
