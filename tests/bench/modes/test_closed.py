from __future__ import annotations

from collections.abc import Callable
from itertools import count, pairwise
from typing import Any

import numpy as np
import pytest

from sonoedge.errors import InvalidData
from sonoedge_bench.frame_set import FrameSet
from sonoedge_bench.modes.closed import Contender, take_turns
from sonoedge_bench.modes.tape import Tape


class Calls:
    """An engine that takes so many milliseconds of a clock that ticks by hand."""

    def __init__(self, clock: Any, results: Any, *, bare_ms: float, analyse_ms: float) -> None:
        self._clock, self._analysed = clock, results[0]
        self._bare_ms, self._analyse_ms = bare_ms, analyse_ms
        self.order: list[str] = []

    def bare(self, tensor: np.ndarray) -> None:
        self.order.append("bare")
        self._clock.forward_ms(self._bare_ms)

    def analyse(self, frame: Any) -> Any:
        self.order.append("whole")
        self._clock.forward_ms(self._analyse_ms)
        return self._analysed(frame)


TENSORS = [np.zeros((1, 1, 2, 2), np.uint8)] * 4


def test_warm_ups_are_kept_apart_and_every_call_is_timed_by_itself(
    clock: Any, results: Any, frame_set: FrameSet, tape: Callable[..., Tape]
) -> None:
    engine, recorded = Calls(clock, results, bare_ms=5, analyse_ms=8), tape()
    take_turns(
        [Contender(tape=recorded, bare=engine.bare, analyse=engine.analyse)],
        frame_set, TENSORS, frames=6, warm_up=4, clock_ns=clock,
    )  # fmt: skip
    assert len(recorded.warm_up) == 4
    assert recorded.rows.column("bare_ms").tolist() == [5.0] * 6
    assert recorded.rows.column("analyse_ms").tolist() == [8.0] * 6
    assert recorded.rows.column("overhead_ms").tolist() == [3.0] * 6
    assert recorded.rows.column("engine_ms").tolist() == [1.0] * 6
    assert recorded.rows.column("non_engine_ms").tolist() == [7.0] * 6
    assert recorded.spent.wall_s == pytest.approx(0.048)
    assert (recorded.outcomes.submitted, recorded.outcomes.analysed) == (6, 6)


def test_which_of_the_two_calls_comes_first_alternates(
    clock: Any, results: Any, frame_set: FrameSet, tape: Callable[..., Tape]
) -> None:
    engine = Calls(clock, results, bare_ms=1, analyse_ms=1)
    take_turns(
        [Contender(tape=tape(), bare=engine.bare, analyse=engine.analyse)],
        frame_set, TENSORS, frames=4, warm_up=0, clock_ns=clock,
    )  # fmt: skip
    assert engine.order == ["bare", "whole", "whole", "bare"] * 2


def test_several_take_turns_in_bursts_whose_first_turn_does_not_count(
    clock: Any, results: Any, frame_set: FrameSet, tape: Callable[..., Tape]
) -> None:
    engines = [Calls(clock, results, bare_ms=1, analyse_ms=m) for m in (2, 4)]
    tapes = [tape(), tape()]
    seen: list[int] = []

    def noting(at: int) -> Callable[[Any], Any]:
        def analyse(frame: Any) -> Any:
            seen.append(at)
            return engines[at].analyse(frame)

        return analyse

    take_turns(
        [Contender(tape=tapes[i], bare=engines[i].bare, analyse=noting(i)) for i in (0, 1)],
        frame_set, TENSORS, frames=5, warm_up=0, burst=3, clock_ns=clock,
    )  # fmt: skip
    assert seen == [0] * 4 + [1] * 4 + [0] * 3 + [1] * 3  # a burst of 3 and one of 2, each + 1
    assert [len(t.rows) for t in tapes] == [5, 5]
    assert [len(t.warm_up) for t in tapes] == [2, 2]
    numbers = [t.rows.column("number").tolist() for t in tapes]
    assert numbers[0] == numbers[1]  # the same frames


def test_no_engine_is_shown_one_picture_twice_in_a_row(
    clock: Any, results: Any, frame_set: FrameSet, tape: Callable[..., Tape]
) -> None:
    pictures: list[int] = []

    def analyse(frame: Any) -> Any:
        pictures.append(id(frame.pixels))
        return results[0](frame)

    def nothing(tensor: np.ndarray) -> None:
        pass

    contenders = [
        Contender(tape=tape(), bare=nothing, analyse=analyse),
        Contender(tape=tape(), bare=nothing, analyse=results[0]),
    ]
    take_turns(contenders, frame_set, TENSORS, frames=9, warm_up=3, burst=2, clock_ns=clock)
    assert all(a != b for a, b in pairwise(pictures))


def test_refused_frames_are_counted_by_reason_and_none_at_all_is_an_error(
    clock: Any, results: Any, frame_set: FrameSet, tape: Callable[..., Tape]
) -> None:
    turns, recorded = count(), tape()

    def every_other(frame: Any) -> Any:
        return results[next(turns) % 2](frame)

    contender = Contender(tape=recorded, bare=lambda t: None, analyse=every_other)
    take_turns([contender], frame_set, TENSORS, frames=4, warm_up=0, clock_ns=clock)
    assert (recorded.outcomes.submitted, recorded.outcomes.analysed) == (4, 2)
    assert recorded.outcomes.without_result == [(1, "BLACK"), (3, "BLACK")]
    never = Contender(tape=tape(), bare=lambda t: None, analyse=results[1])
    with pytest.raises(InvalidData, match="not one of 3 frames was analysed \\(BLACK\\)"):
        take_turns([never], frame_set, TENSORS, frames=3, warm_up=0, clock_ns=clock)
