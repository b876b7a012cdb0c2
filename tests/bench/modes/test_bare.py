from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sonoedge_bench.modes.bare import COLUMNS, BareEngine, take_turns
from sonoedge_bench.modes.tape import Recording, Tape

INPUTS = [{"frame": n} for n in range(3)]


@pytest.fixture
def bare_tape(tape: Callable[..., Tape]) -> Callable[[], Tape]:
    """Makes a tape with the columns of bare calls."""
    return lambda: Recording().begin(tape().subject, COLUMNS, 8)


def test_every_call_is_timed_and_warm_ups_are_kept_apart(
    clock: Any, bare_tape: Callable[[], Tape]
) -> None:
    recorded = bare_tape()
    engine = BareEngine(tape=recorded, infer=lambda tensors: clock.forward_ms(5))
    take_turns([engine], INPUTS, frames=7, clock_ns=clock, warm_up=4, burst=3)  # type: ignore[arg-type]
    assert recorded.rows.column("bare_ms").tolist() == [5.0] * 7
    assert recorded.rows.column("number").tolist() == list(range(4, 11))
    assert len(recorded.warm_up) == 4
    assert (recorded.outcomes.submitted, recorded.outcomes.analysed) == (7, 7)
    assert recorded.spent.wall_s == pytest.approx(0.035)


def test_several_take_turns_on_the_same_inputs_and_the_first_call_of_a_burst_does_not_count(
    clock: Any, bare_tape: Callable[[], Tape]
) -> None:
    order: list[tuple[int, Any]] = []
    tapes = [bare_tape(), bare_tape()]
    engines = [
        BareEngine(tape=tapes[i], infer=lambda tensors, i=i: order.append((i, tensors["frame"])))
        for i in (0, 1)
    ]
    take_turns(engines, INPUTS, frames=5, clock_ns=clock, warm_up=0, burst=3)  # type: ignore[arg-type]
    assert [i for i, _ in order] == [0] * 4 + [1] * 4 + [0] * 3 + [1] * 3
    assert [len(t.rows) for t in tapes] == [5, 5]
    assert [n for i, n in order if i == 0] == [n for i, n in order if i == 1]
