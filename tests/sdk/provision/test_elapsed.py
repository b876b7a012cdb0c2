"""Something long says now and then that it goes on."""

from __future__ import annotations

import pytest

from sonoedge.errors import EngineFailed
from sonoedge.provision.elapsed import Elapsed


def test_a_long_step_says_now_and_then_that_it_goes_on() -> None:
    said: list[str] = []
    with Elapsed("engine", said.append, every_s=0.01) as elapsed:
        elapsed.step("parse the graph")
        elapsed.step("parse the graph")
        while len(said) < 5:
            pass
    assert said[0].endswith("engine: begun")
    assert said[1].endswith("engine: parse the graph")
    assert said[-1].endswith("engine: done")
    with pytest.raises(EngineFailed), Elapsed("engine", said.append):
        raise EngineFailed("no")
    assert said[-1].endswith("engine: failed")
