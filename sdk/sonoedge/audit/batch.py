"""Several entries as the bytes that continue a log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sonoedge.audit.chain import link
from sonoedge.audit.record import Entry, Record, encode
from sonoedge.audit.tail import Tail


def encode_batch(tail: Tail, entries: Sequence[Entry]) -> tuple[Tail, bytes]:
    """The records' lines, and the log's end behind them.

    Args:
        tail: the end of the log before them.
    """
    seq, head, lines = tail.seq, tail.hash, []
    epoch, unsealed, mac = tail.epoch, tail.unsealed, tail.mac
    for entry in entries:
        line = encode(
            Record(seq=seq, mono_ns=entry.mono_ns, kind=entry.kind, values=entry.values, prev=head)
        )
        lines.append(line + b"\n")
        seq, head, unsealed = seq + 1, link(head, line), unsealed + 1
        if entry.kind == "seal":
            epoch, unsealed, mac = int(entry.values["epoch"]) + 1, 0, str(entry.values["mac"])
    data = b"".join(lines)
    end = replace(
        tail,
        size=tail.size + len(data),
        seq=seq,
        hash=head,
        epoch=epoch,
        unsealed=unsealed,
        mac=mac,
    )
    return end, data
