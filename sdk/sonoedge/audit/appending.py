"""Appends to a log: one chain, whichever processes write, and whole records or nothing."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from sonoedge.audit.batch import encode_batch
from sonoedge.audit.chain import ZERO, Anchor
from sonoedge.audit.kinds import Value
from sonoedge.audit.log_files import LOCK_WAIT_S, MOST_FILE_BYTES, MOST_FILES, LogFiles
from sonoedge.audit.record import Entry, Record, parse
from sonoedge.audit.seal import SealKey, read_key, replace_key
from sonoedge.audit.tail import Tail, read_tail
from sonoedge.closing import Closing
from sonoedge.durable import sync_folder
from sonoedge.errors import AuditBroken, InvalidSettings

ROOM: Final = 4096  # kept free in each file for the records that close it
MOST_BATCH: Final = 64
MOST_EPOCHS_AHEAD: Final = 1_000_000
GONE: Final = (
    "the log's records are gone, and it had some; keep its folder as it is, and begin another log: "
    "sonoedge audit init FOLDER"
)


class Appender(Closing):
    """Writes a log's records. One thread at a time; other processes may write as well.

    Args:
        folder: the log's.
        sync: waits until a descriptor's data have reached the disk.
        new: the log has no records yet; without it a log that has none was emptied.

    Raises:
        InvalidSettings: the folder is no audit log.
        AuditBroken: it was emptied.
    """

    def __init__(
        self,
        folder: Path,
        *,
        sync: Callable[[int], None] = os.fdatasync,
        lock_wait_s: float = LOCK_WAIT_S,
        new: bool = False,
    ) -> None:
        self._files = LogFiles(folder)
        self._new = new
        if not new and not self._files.numbers():
            raise AuditBroken(GONE)
        self._sync = sync
        self._lock_wait_s = lock_wait_s
        self._tail: Tail | None = None
        self._fd = -1

    @property
    def anchor(self) -> Anchor | None:
        """How far the log had come when this last wrote to it."""
        return None if self._tail is None else self._tail.anchor

    @property
    def unsealed(self) -> int:
        """How many records this has written, or met, behind the newest seal."""
        return 0 if self._tail is None else self._tail.unsealed

    def append(self, entries: Sequence[Entry]) -> None:
        """Append up to 64 records in one write: all of them, or none.

        Raises:
            OSError: the disk is full, read-only or broken; nothing was written.
            AuditBroken: the log was emptied; or a file was full without a key to seal it.
        """
        if entries:
            with self._at_the_end(entries[0].mono_ns):
                _, data = encode_batch(self._end, entries)
                self._make_room(len(data), entries[0].mono_ns)
                self._write(entries)

    def seal(self, mono_ns: int) -> None:
        """Append a seal, wait until it has reached the disk, and forget its key.

        Raises:
            OSError: as `append`; or the next key could not be written, so that the next try
                forgets this one first.
            AuditBroken: the key is missing or damaged.
        """
        with self._at_the_end(mono_ns):
            if not self._make_room(0, mono_ns):
                self._seal(mono_ns)

    def sync(self, mono_ns: int) -> None:
        """Wait until what was appended has reached the disk.

        Raises:
            OSError: it may not have.
        """
        with self._at_the_end(mono_ns):
            self._sync(self._fd)

    def close(self) -> None:
        """Let go of the file; closing twice is harmless."""
        self._let_go()
        self._tail = None

    @contextmanager
    def _at_the_end(self, mono_ns: int) -> Iterator[None]:
        """Under the lock, with the end of the log in hand; after an error it is looked up anew."""
        with self._files.lock(wait_s=self._lock_wait_s):
            try:
                self._follow(mono_ns)
                yield
            except BaseException:
                self.close()
                raise

    def _follow(self, mono_ns: int) -> None:
        """Take up what another process has written, or a power cut has left."""
        numbers = self._files.numbers()
        tail = self._tail
        newest = tail is not None and numbers[-1:] == [tail.number]
        if newest and os.fstat(self._fd).st_size == self._end.size:
            return
        self._let_go()
        self._files.remove_drafts()
        tail = read_tail(self._files)
        self._tail = replace(tail, torn=0)
        if tail.number < 0:
            if not self._new:
                self.close()
                raise AuditBroken(GONE)
            self._begin_file(0)
            self._new = False
            return
        self._fd = self._files.open(tail.number)
        if tail.torn:
            os.ftruncate(self._fd, tail.size)
            self._write([Entry(mono_ns=mono_ns, kind="torn", values={"bytes": tail.torn})])

    def _make_room(self, size: int, mono_ns: int) -> bool:
        """Begin another file where so many bytes do not fit into this one; whether that was so."""
        if self._end.size + size + ROOM <= MOST_FILE_BYTES:
            return False
        numbers = self._files.numbers()
        surplus, kept = numbers[: -(MOST_FILES - 1)], numbers[-(MOST_FILES - 1) :]
        if surplus:
            values = self._removal(surplus[0], kept[0])
            self._write([Entry(mono_ns=mono_ns, kind="rolled", values=values)])
        self._seal(mono_ns)  # and with it the record of the removal, before anything is removed
        for number in surplus:
            self._files.path(number).unlink(missing_ok=True)
        self._begin_file(self._end.number + 1)
        return True

    def _removal(self, oldest: int, kept: int) -> Mapping[str, Value]:
        """The range of the records that go, and the chain's hash where they end.

        A damaged file is no reason to end the log: `verify` tells of it either way.
        """
        first, after = self._first_record(oldest), self._first_record(kept)
        if first is None or after is None or after.seq == 0:
            return {"first": 0, "through": 0, "hash": ZERO}
        return {"first": first.seq, "through": after.seq - 1, "hash": after.prev}

    def _first_record(self, number: int) -> Record | None:
        try:
            return parse(self._files.read(number).partition(b"\n")[0])
        except InvalidSettings:
            return None

    def _begin_file(self, number: int) -> None:
        fd = self._files.open(number, new=True)
        self._let_go()
        self._fd = fd
        sync_folder(self._files.folder)
        self._tail = replace(self._end, number=number, size=0)

    def _seal(self, mono_ns: int) -> None:
        tail = self._end
        key = self._next_key(tail)
        values: Mapping[str, Value] = {
            "epoch": key.epoch,
            "records": tail.unsealed,
            "mac": tail.hash,
        }
        seal = key.signed(
            Record(seq=tail.seq, mono_ns=mono_ns, kind="seal", values=values, prev=tail.hash)
        )
        self._write([Entry(mono_ns=mono_ns, kind="seal", values=seal.values)])
        self._sync(self._fd)
        replace_key(self._files.folder, key.following())

    def _next_key(self, tail: Tail) -> SealKey:
        """The key; one that a seal was written with already is forgotten first."""
        key = read_key(self._files.folder)
        if key.epoch < tail.epoch:
            if tail.epoch - key.epoch > MOST_EPOCHS_AHEAD:
                raise AuditBroken("the log's newest seal is not one that this device has made")
            key = key.following(tail.epoch - key.epoch)
            replace_key(self._files.folder, key)
        return key

    def _write(self, entries: Sequence[Entry]) -> None:
        tail, data = encode_batch(self._end, entries)
        try:
            complete = os.write(self._fd, data) == len(data)
        except OSError:
            os.ftruncate(self._fd, self._end.size)
            raise
        if not complete:
            os.ftruncate(self._fd, self._end.size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._tail = tail

    @property
    def _end(self) -> Tail:
        assert self._tail is not None
        return self._tail

    def _let_go(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)
