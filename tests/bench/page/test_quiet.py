from __future__ import annotations

from collections.abc import Callable

import pytest

from sonoedge.errors import RuntimeUnavailable
from sonoedge_bench.machine.other_work import Account


def accounts(busy_s: float | None, stolen_s: float | None, own_s: float) -> Callable[[], Account]:
    """What is read: at 0 s nothing, at 100 s these."""
    nothing = None if busy_s is None else 0.0
    both = iter(
        [
            Account(at_s=0.0, busy_s=nothing, stolen_s=nothing, own_s=0.0),
            Account(at_s=100.0, busy_s=busy_s, stolen_s=stolen_s, own_s=own_s),
        ]
    )
    return lambda: next(both)


def test_one_s_own_work_is_no_reason_to_refuse() -> None:
    from quiet import LISTEN_S, listen

    slept: list[float] = []
    listen(accounts(164.0, 1.0, own_s=160.0), slept.append)
    assert slept == [LISTEN_S]


@pytest.mark.parametrize(
    ("busy_s", "stolen_s", "own_s", "words"),
    [
        (20.0, 0.0, 10.0, r"used 0\.10 cores"),
        (10.0, 7.0, 10.0, r"took 0\.07"),
        (None, None, 0.0, "does not say"),
    ],
)
def test_a_machine_that_others_use_is_refused(
    busy_s: float | None, stolen_s: float | None, own_s: float, words: str
) -> None:
    from quiet import listen

    with pytest.raises(RuntimeUnavailable, match=words):
        listen(accounts(busy_s, stolen_s, own_s), lambda _: None)
