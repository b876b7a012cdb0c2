from __future__ import annotations

import errno
import os
from typing import Any

from sonoedge.session.back_off import FIRST_NS
from sonoedge.session.standby import Standby


def test_one_engine_is_kept_until_it_is_taken() -> None:
    made: list[Any] = [object(), object()]
    left = iter(made)
    standby = Standby(lambda: next(left))
    standby.prepare(0)
    standby.prepare(1)  # there is one
    assert standby.take() is made[0]
    assert standby.take() is None
    standby.prepare(2)
    assert standby.engine is made[1]


def test_want_of_a_process_is_waited_out() -> None:
    tries: list[Any] = [OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)), object()]

    def make() -> Any:
        outcome = tries.pop(0)
        if isinstance(outcome, OSError):
            raise outcome
        return outcome

    standby = Standby(make)
    standby.prepare(0)
    standby.prepare(FIRST_NS - 1)
    assert standby.engine is None
    assert len(tries) == 1
    standby.prepare(FIRST_NS)
    assert standby.engine is not None
