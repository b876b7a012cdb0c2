from __future__ import annotations

import pytest

from sonoedge.audit import SealKey
from sonoedge.audit.chain import ZERO
from sonoedge.audit.record import Record
from sonoedge.audit.seal_check import SealCheck
from sonoedge.errors import AuditBroken

KEY = SealKey(epoch=0, key="07" * 32)


def drop(seq: int) -> Record:
    return Record(seq=seq, mono_ns=10 * seq, kind="torn", values={"bytes": 1}, prev=ZERO)


def seal(seq: int, epoch: int, records: int) -> Record:
    values = {"epoch": epoch, "records": records, "mac": ZERO}
    return KEY.following(epoch).signed(
        Record(seq=seq, mono_ns=10 * seq, kind="seal", values=values, prev=ZERO)
    )


def test_seals_in_their_order_are_counted() -> None:
    check = SealCheck(KEY)
    for record in (drop(0), drop(1), seal(2, 0, 2), seal(3, 1, 0), drop(4)):
        check.add(record)
    assert (check.count, check.unsealed, check.unsealed_since_ns) == (2, 1, 40)
    assert check.mac == seal(3, 1, 0).values["mac"]


def test_a_log_whose_beginning_was_rolled_off_begins_with_a_later_seal() -> None:
    check = SealCheck(KEY)
    check.add(drop(500))
    check.add(seal(501, 37, 1))
    check.add(seal(502, 38, 0))
    assert check.count == 2


@pytest.mark.parametrize(
    "records",
    [
        [drop(0), seal(1, 1, 1)],
        [drop(0), seal(1, 0, 2)],
        [drop(0), seal(1, 0, 1), seal(2, 0, 0)],
        [drop(0), seal(1, 0, 1), seal(2, 2, 0)],
        [drop(5), seal(6, 7, 1)],
    ],
)
def test_a_seal_that_does_not_follow_is_refused(records: list[Record]) -> None:
    for key in (KEY, None):
        check = SealCheck(key)
        for record in records[:-1]:
            check.add(record)
        with pytest.raises(AuditBroken, match="seal or records are missing"):
            check.add(records[-1])


def test_a_number_that_no_log_reaches_holds_nobody_up() -> None:
    far = Record(
        seq=1 << 62,
        mono_ns=1,
        kind="seal",
        values={"epoch": 1 << 61, "records": 0, "mac": ZERO},
        prev=ZERO,
    )
    with pytest.raises(AuditBroken):
        SealCheck(KEY).add(far)


def test_another_key_is_told_by_the_first_seal() -> None:
    check = SealCheck(SealKey(epoch=0, key="08" * 32))
    with pytest.raises(AuditBroken, match="the key is another log's"):
        check.add(seal(0, 0, 0))
