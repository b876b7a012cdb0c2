from __future__ import annotations

from collections.abc import Callable

from sonoedge.audit.batch import encode_batch
from sonoedge.audit.chain import ZERO, link
from sonoedge.audit.record import Entry, parse
from sonoedge.audit.tail import Tail


def test_the_lines_go_on_where_the_log_ends(drops: Callable[[int], list[Entry]]) -> None:
    start = Tail(number=3, size=100, seq=7, hash="ab" * 32, epoch=2, unsealed=1, mac="cd" * 32)
    end, data = encode_batch(start, drops(2))
    first, second = data.splitlines()
    assert (parse(first).seq, parse(first).prev) == (7, "ab" * 32)
    assert parse(second).prev == link("ab" * 32, first)
    assert (end.seq, end.hash) == (9, link(parse(second).prev, second))
    assert (end.size, end.number, end.unsealed) == (100 + len(data), 3, 3)
    assert (end.epoch, end.mac) == (2, "cd" * 32)


def test_a_seal_begins_the_next_epoch() -> None:
    seal = Entry(mono_ns=1, kind="seal", values={"epoch": 4, "records": 9, "mac": ZERO})
    end, _ = encode_batch(Tail(epoch=4, unsealed=9), [seal])
    assert (end.epoch, end.unsealed, end.mac) == (5, 0, ZERO)
