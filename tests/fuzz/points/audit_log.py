"""An audit log's file, as it is checked, and as its end is looked for by who appends to it."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from fuzz.entry_point import Document, EntryPoint
from fuzz.scratch import scratch_file
from fuzz.seeds import as_json
from sonoedge.audit import SealKey
from sonoedge.audit.chain import ZERO, link
from sonoedge.audit.log_files import LogFiles
from sonoedge.audit.record import Record, encode
from sonoedge.audit.tail import read_tail
from sonoedge.audit.verify import check_log
from sonoedge.errors import SonoedgeError

KEY = SealKey(epoch=0, key="07" * 32)
NAME = "audit-00000000.jsonl"
EVENTS: list[tuple[str, dict[str, Any]]] = [
    ("created", {"log": "a"}),
    ("session_start", {"session": "s", "max_age_ms": 150.0, "threshold": 0.5}),
    ("self_test", {"session": "s", "passed": True, "error": "none", "variant": "v", "engine": "e"}),
    ("flag", {"session": "s", "stream": 0, "frame": 7, "track": 1, "regions": 2}),
    ("rolled", {"first": 0, "through": 1, "hash": ZERO}),
]


def _log() -> bytes:
    head, lines = ZERO, []
    for seq, (kind, values) in enumerate(EVENTS):
        lines.append(encode(Record(seq=seq, mono_ns=seq, kind=kind, values=values, prev=head)))
        head = link(head, lines[-1])
    values = {"epoch": 0, "records": len(EVENTS), "mac": ZERO}
    seal = Record(seq=len(EVENTS), mono_ns=9, kind="seal", values=values, prev=head)
    lines.append(encode(KEY.signed(seal)))
    return b"".join(line + b"\n" for line in lines)


def _chained(records: Any) -> bytes:
    """Lines in the one form that a record has, each with the hash of those before."""
    head, data = ZERO, b""
    for number, record in enumerate(records if isinstance(records, list) else [records]):
        if isinstance(record, dict):
            record = {"prev": head, "seq": number, **record}
        line = _compact(record)
        data += line + b"\n"
        head = link(head, line)
    return data


def _compact(record: Any) -> bytes:
    try:
        return json.dumps(record, separators=(",", ":"), sort_keys=True).encode()
    except (ValueError, TypeError):  # an integer that Python refuses to write, keys of two types
        return as_json(record)


def attack(data: bytes) -> None:
    """What is wrong with it is a typed error of the check, and no error where its end is found."""
    file = scratch_file(f"log/{NAME}", data)
    read_tail(LogFiles(file.parent))
    for key in (KEY, None):
        with suppress(SonoedgeError):
            check_log([(NAME, data)], key=key)
    check_log([(NAME, data)])


POINT = EntryPoint(
    attack=attack,
    seeds=[_log(), _log()[:-9], b""],
    engines=("trees", "bytes"),
    document=Document(
        trees=[[{"mono_ns": n, "kind": kind, **values} for n, (kind, values) in enumerate(EVENTS)]],
        encode=_chained,
    ),
    suffix=".jsonl",
)
