from __future__ import annotations

from collections.abc import Callable

import pytest

from sonoedge_bench.modes.tape import Spent, Tape
from sonoedge_bench.summarise import summarise


def test_outcomes_are_summed_and_what_the_guard_refuses_is_no_miss(
    tape: Callable[..., Tape],
) -> None:
    recorded = tape(fps=30.0, deadline_ms=20.0)
    for number, age in enumerate((10.0, 19.0, 21.0)):
        recorded.rows.add({"number": number, "age_ms": age})
    recorded.outcomes.submitted, recorded.outcomes.analysed = 8, 3
    recorded.outcomes.without_result += [
        (3, "BLACK"),
        (4, "BLACK"),
        (5, "superseded"),
        (6, "STALE"),
    ]
    recorded.outcomes.without_result += [(7, "in flight")]
    result = summarise(recorded).outcomes
    assert result.not_analysed == {"BLACK": 2, "STALE": 1}
    assert (result.superseded, result.in_flight, result.balanced) == (1, 1, True)
    assert (result.late, result.lost, result.misses) == (1, 3, 4)
    assert result.misses_per_hour == pytest.approx(4 / (8 / 30 / 3600))


def test_sums_that_do_not_add_up_are_told(tape: Callable[..., Tape]) -> None:
    recorded = tape(fps=30.0, deadline_ms=20.0)
    recorded.outcomes.submitted = 2
    recorded.outcomes.without_result.append((0, "superseded"))
    assert summarise(recorded).outcomes.balanced is False


def test_costs_are_per_frame_and_unknown_where_a_part_is(tape: Callable[..., Tape]) -> None:
    recorded = tape(isolation="process", fps=30.0, deadline_ms=20.0)
    for number in range(10):
        recorded.rows.add({"number": number, "age_ms": 5.0})
    recorded.outcomes.submitted = recorded.outcomes.analysed = 10
    recorded.spent = Spent(
        wall_s=2.0, host_cpu_s=0.1, worker_cpu_s=0.3, joules=20.0, joules_frames=10
    )
    cost = summarise(recorded).cost
    assert cost.cpu_ms_per_frame == pytest.approx(40.0)
    assert cost.cores_used == pytest.approx(0.2)
    assert cost.joules_per_frame == pytest.approx(2.0)
    assert cost.watts == pytest.approx(10.0)
    recorded.spent = Spent(wall_s=2.0, host_cpu_s=0.1, worker_cpu_s=None)
    cost = summarise(recorded).cost
    assert cost.cpu_ms_per_frame is cost.cores_used is cost.joules_per_frame is None
    assert cost.host_cpu_ms_per_frame == pytest.approx(10.0)


def test_bare_calls_between_frames_are_figures_of_their_own(tape: Callable[..., Tape]) -> None:
    recorded = tape(fps=30.0, deadline_ms=20.0)
    for number in range(16):
        bare = number % 8 == 7
        recorded.rows.add({"number": number} | ({"bare_ms": 3.0} if bare else {"age_ms": 5.0}))
    result = summarise(recorded)
    assert (result.figures["age_ms"].n, result.figures["bare_ms"].n) == (14, 2)
    assert result.samples["age_ms"].count(None) == 2
    assert len({len(column) for column in result.samples.values()}) == 1


def test_the_overhead_is_told_in_percent_of_what_it_is_above(tape: Callable[..., Tape]) -> None:
    recorded = tape()
    for number in range(10):
        row = {"bare_ms": 10.0, "analyse_ms": 12.0, "overhead_ms": 2.0, "engine_ms": 8.0}
        recorded.rows.add({"number": number} | row)
    assert summarise(recorded).overhead_percent == 20.0
    paced = tape(fps=30.0, deadline_ms=20.0)
    for number in range(10):
        paced.rows.add({"number": number, "age_ms": 10.0, "overhead_ms": 2.0, "engine_ms": 8.0})
    assert summarise(paced).overhead_percent == 25.0
