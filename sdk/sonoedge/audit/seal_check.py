"""Checks a log's seals one after the other."""

from __future__ import annotations

from typing import Final

from sonoedge.audit.record import Record
from sonoedge.audit.seal import SealKey
from sonoedge.errors import AuditBroken

MOST_EPOCHS: Final = 50_000_000  # each costs a hash; at one seal in 5 s, eight years' worth


class SealCheck:
    """What a log's records say of its seals.

    Args:
        first: the key of epoch 0; None counts the seals alone.

    Attributes:
        count: seals so far.
        mac: the newest one's code.
        unsealed: records after the newest seal.
        unsealed_since_ns: when the first of those happened.
    """

    def __init__(self, first: SealKey | None) -> None:
        self._key = first
        self._epoch: int | None = None  # of the next seal, where it is known
        self._begun = False
        self.count = self.unsealed = 0
        self.mac = ""
        self.unsealed_since_ns: int | None = None

    def add(self, record: Record) -> None:
        """Take the log's next record.

        Raises:
            AuditBroken: a seal is missing, or not the device's.
        """
        if not self._begun:
            self._begun, self._epoch = True, None if record.seq else 0
        if record.kind != "seal":
            self.unsealed += 1  # each file begins behind a seal
            if self.unsealed_since_ns is None:
                self.unsealed_since_ns = record.mono_ns
            return
        epoch = int(record.values["epoch"])
        self._check_order(record, epoch)
        if self._key is not None:
            self._key = self._key.following(epoch - self._key.epoch)
            if not self._key.holds(record):
                raise AuditBroken(
                    f"record {record.seq}: seal {epoch} was not made with this log's key: what it "
                    "seals was changed, or the key is another log's"
                )
        self._epoch, self.mac = epoch + 1, str(record.values["mac"])
        self.count += 1
        self.unsealed, self.unsealed_since_ns = 0, None

    def _check_order(self, record: Record, epoch: int) -> None:
        if self._epoch is None:
            wrong = epoch > min(record.seq, MOST_EPOCHS)
        else:
            wrong = epoch != self._epoch
        if wrong or record.values["records"] != self.unsealed:
            raise AuditBroken(
                f"record {record.seq}: seal {epoch} of {record.values['records']} records is not "
                f"the one that follows, with {self.unsealed} records before it: a seal or "
                "records are missing"
            )
