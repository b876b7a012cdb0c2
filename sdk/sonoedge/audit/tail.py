"""Where a log ends, and what of its end a power cut has left in pieces."""

from __future__ import annotations

from dataclasses import dataclass

from sonoedge.audit.chain import ZERO, Anchor, link
from sonoedge.audit.log_files import LogFiles
from sonoedge.audit.record import Record, parse
from sonoedge.errors import InvalidSettings

_SEAL = b'"kind":"seal"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """The end of a log.

    Attributes:
        number: of the newest file; -1 where there is none.
        size: of its bytes, those that hold whole records.
        torn: how many bytes after those belong to no whole record.
        seq: of the next record.
        hash: the chain's.
        epoch: of the next seal.
        unsealed: how many records follow the newest seal.
        mac: the newest seal's code; "" where there is none.
    """

    number: int = -1
    size: int = 0
    torn: int = 0
    seq: int = 0
    hash: str = ZERO
    epoch: int = 0
    unsealed: int = 0
    mac: str = ""

    @property
    def anchor(self) -> Anchor | None:
        """How far the log has come; None before the first record."""
        return Anchor(seq=self.seq - 1, hash=self.hash, seal=self.mac) if self.seq else None


def read_tail(files: LogFiles) -> Tail:
    """Find a log's end. Only what follows the last whole record counts as torn: what was
    changed before it stays as it is, for `verify` to find.

    Raises:
        OSError: a file cannot be read.
    """
    numbers = files.numbers()
    tail = Tail(number=numbers[-1] if numbers else -1)
    size = torn = 0
    last: tuple[Record, bytes] | None = None
    for number in reversed(numbers):
        lines, rest = _split(files.read(number))
        if last is None:
            last, whole = _last_record(lines)
            kept = sum(len(line) + 1 for line in lines[:whole])
            if number == tail.number:
                size = kept
                torn = sum(len(line) + 1 for line in lines[whole:]) + len(rest)
            lines = lines[:whole]
        seal = _last_seal(lines)
        if seal is not None:
            return _tail(tail.number, size, torn, last, seal)
    return _tail(tail.number, size, torn, last, None)


def _tail(
    number: int, size: int, torn: int, last: tuple[Record, bytes] | None, seal: Record | None
) -> Tail:
    if last is None:
        return Tail(number=number, size=size, torn=torn)
    record, line = last
    seq, head = record.seq + 1, link(record.prev, line)
    if seal is None:
        return Tail(number=number, size=size, torn=torn, seq=seq, hash=head, unsealed=seq)
    return Tail(
        number=number,
        size=size,
        torn=torn,
        seq=seq,
        hash=head,
        epoch=int(seal.values["epoch"]) + 1,
        unsealed=max(0, seq - seal.seq - 1),
        mac=str(seal.values["mac"]),
    )


def _split(data: bytes) -> tuple[list[bytes], bytes]:
    """Whole lines without their newline, and what follows the last newline."""
    *lines, rest = data.split(b"\n")
    return lines, rest


def _last_record(lines: list[bytes]) -> tuple[tuple[Record, bytes] | None, int]:
    """The last line that is a record, and how many lines there are up to it."""
    for count in range(len(lines), 0, -1):
        record = _parsed(lines[count - 1])
        if record is not None:
            return (record, lines[count - 1]), count
    return None, 0


def _last_seal(lines: list[bytes]) -> Record | None:
    for line in reversed(lines):
        record = _parsed(line) if _SEAL in line else None
        if record is not None:
            return record
    return None


def _parsed(line: bytes) -> Record | None:
    try:
        return parse(line)
    except InvalidSettings:
        return None
