from __future__ import annotations

from typing import Any

from sonoedge.session.deadline import Deadline

MS = 1_000_000


class Waiting:
    """An engine whose threads have waited for a processor so long."""

    def __init__(self, *accounts: dict[str, float]) -> None:
        self._accounts = iter(accounts)

    def cpu_wait_ms(self) -> dict[str, float]:
        return next(self._accounts)


def _engine(*accounts: dict[str, float]) -> Any:
    return Waiting(*accounts)


def test_a_deadline_passes_when_its_time_is_up() -> None:
    now = [5 * MS]
    deadline = Deadline(lambda: now[0])
    deadline.start(10 * MS)
    assert not deadline.has_passed(15 * MS - 1)
    assert deadline.has_passed(15 * MS)
    now[0] = 12 * MS
    assert deadline.left_ms() == 3.0
    now[0] = 99 * MS
    assert deadline.left_ms() == 0.0


def test_an_engine_that_got_no_processor_is_told_from_one_that_hangs() -> None:
    deadline = Deadline(lambda: 0)
    deadline.start(MS)
    engine = _engine({"a": 1.0, "b": 2.0}, {"a": 41.0, "b": 2.5})
    deadline.watch(engine)
    deadline.watch(engine)  # once is enough: no second account is asked for
    assert deadline.explain(engine).endswith("it waited 40 ms for a processor")


def test_what_another_task_has_waited_for_does_not_count() -> None:
    deadline = Deadline(lambda: 0)
    deadline.watch(_engine({"a": 1.0}))
    deadline.start(MS)
    assert deadline.explain(_engine({"a": 500.0})) == "no answer within its deadline"


def test_an_engine_that_is_gone_can_be_explained() -> None:
    assert Deadline(lambda: 0).explain(None) == "no answer within its deadline"
