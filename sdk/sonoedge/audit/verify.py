"""Whether a log is what was written: whole, in order, unchanged, and sealed by the device."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sonoedge.audit.chain import ZERO, Anchor, link
from sonoedge.audit.log_files import MOST_FILE_BYTES, LogFiles
from sonoedge.audit.record import Record, parse
from sonoedge.audit.seal import SealKey
from sonoedge.audit.seal_check import SealCheck
from sonoedge.errors import AuditBroken, InvalidSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A log without a fault.

    Attributes:
        first, last: numbers of the oldest and the newest record that are there.
        hash: the chain's, after the newest.
        seal: the newest seal's code; "" where there is none.
        seals: how many there are.
        seals_checked: whether a key was given to check them with.
        unsealed: how many records follow the newest seal: until the next one, whoever has the
            device could still change these.
        unsealed_since_ns: when the first of them happened, by the device's monotonic clock.
        anchor_checked: whether an anchor was given, and its record is still there.
        torn: how often a crash had cut a record.
        lost: how many records the log says that it lacks.
    """

    first: int
    last: int
    hash: str
    seal: str
    seals: int
    seals_checked: bool
    unsealed: int
    unsealed_since_ns: int | None
    anchor_checked: bool
    torn: int
    lost: int


def verify_log(
    folder: str | Path, *, key: SealKey | None = None, anchor: Anchor | None = None
) -> Verified:
    """Check a log from its oldest record to its newest.

    Args:
        key: the first key; without it, seals are counted and not checked, and whoever changed
            the log may have made its chain anew.
        anchor: how far it must have come; without it a log that was cut at a record's end is as
            whole as one that never went further.

    Raises:
        AuditBroken: the message names the first record that is not right.
        InvalidSettings: the folder is no audit log, and there is no anchor that says it was.
        OSError: a file cannot be read.
    """
    try:
        files = LogFiles(Path(folder))
    except InvalidSettings as error:
        if anchor is None:
            raise
        raise AuditBroken(
            f"{Path(folder).name} holds no log, and record {anchor.seq} was in one: its files "
            "were removed, or it is another folder"
        ) from error
    return check_log(_contents(files), key=key, anchor=anchor)


def check_log(
    contents: list[tuple[str, bytes]], *, key: SealKey | None = None, anchor: Anchor | None = None
) -> Verified:
    """As `verify_log`, of files' names and bytes, oldest first."""
    seals = SealCheck(key)
    place = _Place(anchor=anchor)
    for name, line in _lines(contents):
        record = _record(name, line, place)
        seals.add(record)
        place.add(record, line)
    place.check_beginning()
    place.check_anchor()
    return Verified(
        first=place.first,
        last=place.seq - 1,
        hash=place.hash,
        seal=seals.mac,
        seals=seals.count,
        seals_checked=key is not None,
        unsealed=seals.unsealed,
        unsealed_since_ns=seals.unsealed_since_ns,
        anchor_checked=place.anchor_found,
        torn=place.torn,
        lost=place.lost,
    )


class _Place:
    """How far a check has come, and what it has met."""

    def __init__(self, *, anchor: Anchor | None) -> None:
        self._anchor = anchor
        self._begin = ZERO
        self._rolled: set[tuple[int, str]] = set()
        self.first, self.seq, self.hash = -1, 0, ZERO
        self.torn = self.lost = 0
        self.anchor_found = False

    def add(self, record: Record, line: bytes) -> None:
        if self.first < 0:
            self.first, self._begin = record.seq, record.prev
        values = record.values
        if record.kind == "rolled":
            self._rolled.add((int(values["through"]), str(values["hash"])))
        self.torn += record.kind == "torn"
        self.lost += int(values["count"]) if record.kind == "lost" else 0
        self.seq, self.hash = record.seq + 1, link(record.prev, line)
        if self._anchor is not None and self._anchor.seq == record.seq:
            self.anchor_found = True
            if self._anchor.hash not in ("", self.hash):
                raise AuditBroken(f"record {record.seq} is not the anchor's")

    def check_beginning(self) -> None:
        if self.first < 0:
            raise AuditBroken(
                "the log has no records, and even a new one has its first two: its files were "
                "removed or emptied"
            )
        if self.first > 0 and (self.first - 1, self._begin) not in self._rolled:
            raise AuditBroken(
                f"records 0 to {self.first - 1} are missing, and the log does not say that they "
                "were rolled off"
            )

    def check_anchor(self) -> None:
        if self._anchor is not None and self.seq <= self._anchor.seq:
            raise AuditBroken(
                f"the log was cut: it ends at record {self.seq - 1}, and had come to record "
                f"{self._anchor.seq}"
            )


def _record(name: str, line: bytes, place: _Place) -> Record:
    try:
        record = parse(line)
    except InvalidSettings as error:
        raise AuditBroken(f"{name}: record {place.seq} was changed: {error}") from None
    if place.first < 0 and (record.seq > 0 or record.prev == ZERO):
        return record  # a first one, or the oldest that is left
    if record.seq != place.seq or record.prev != place.hash:
        raise AuditBroken(
            f"{name}: record {place.seq} is missing or out of order, or record "
            f"{place.seq - 1} was changed"
        )
    return record


def _lines(contents: list[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    for name, data in contents:
        if len(data) > MOST_FILE_BYTES:
            raise AuditBroken(f"{name} is longer than this log writes its files")
        *lines, rest = data.split(b"\n")
        yield from ((name, line) for line in lines)
        if rest:
            raise AuditBroken(
                f"{name}: the last record is cut, by a crash or by a hand; after a crash the "
                "log's next start records it"
            )


def _contents(files: LogFiles) -> list[tuple[str, bytes]]:
    """All files of one moment: nobody appends in the meantime."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(FileNotFoundError):  # a copy of a log may have no lock
            stack.enter_context(files.lock(shared=True))
        return [(files.path(n).name, files.read(n)) for n in files.numbers()]
