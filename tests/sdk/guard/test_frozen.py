from __future__ import annotations

import numpy as np

from sonoedge.guard.frozen import Frozen, FrozenState

PICTURE = np.arange(20, dtype=np.uint8).reshape(4, 5)


def test_a_memory_that_is_put_back_knows_since_when_the_picture_stands() -> None:
    first, second = Frozen(1.0), Frozen(1.0)
    first(PICTURE, 0)
    second.restore(first.state())
    assert second(PICTURE, 999_999) is False
    assert second(PICTURE, 1_000_000) is True


def test_a_state_is_a_copy_both_ways() -> None:
    memory = Frozen(1.0)
    memory(PICTURE, 0)
    state = memory.state()
    memory(PICTURE + 1, 5)
    assert state.picture is not None
    assert np.array_equal(state.picture, PICTURE)
    memory.restore(state)
    memory(PICTURE + 2, 9)
    assert np.array_equal(state.picture, PICTURE)


def test_a_new_memory_has_the_state_of_none() -> None:
    state = Frozen(1.0).state()
    assert (state.picture, state.since_ns) == (FrozenState().picture, 0)
