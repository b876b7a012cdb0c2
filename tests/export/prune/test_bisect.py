from __future__ import annotations

from collections.abc import Callable

import pytest

from sonoedge.errors import InvalidSettings, PruningRefused
from sonoedge_export.prune.bisect import search
from sonoedge_export.prune.slimmed_candidate import Candidate
from sonoedge_export.recipe.prune import Prune, Recover


def bench(
    ms: Callable[[int], float], *, second: Callable[[int], float] | None = None
) -> tuple[list[tuple[int, int]], Callable[[int, int], Candidate]]:
    """Latencies by the number of blocks gone; the parent takes 10 ms."""
    asked = []

    def measure(blocks: int, careful: int) -> Candidate:
        asked.append((blocks, careful))
        latency = {"a": ms(blocks)} | ({} if second is None else {"b": second(blocks)})
        return Candidate(
            blocks=blocks,
            widths={},
            parameters=1,
            macs=1,
            latency_ms=latency,
            parent_ms=dict.fromkeys(latency, 10.0),
        )

    return asked, measure


def test_the_least_pruned_candidate_that_reaches_the_target_is_chosen() -> None:
    asked, measure = bench(lambda blocks: 10 - 0.1 * blocks)
    tried = search(80, measure, Prune(target_speedup=2.0))
    assert (tried[-1].blocks, tried[-1].speedup) == (50, 2.0)
    assert asked[-1] == (50, 3)  # looked at three times in the end
    assert len(asked) <= 9


def test_milliseconds_can_be_the_target() -> None:
    _, measure = bench(lambda blocks: 10 - 0.1 * blocks)
    assert search(80, measure, Prune(max_latency_ms=6.0))[-1].blocks == 40


def test_the_target_holds_on_every_variant() -> None:
    _, measure = bench(lambda b: 10 - 0.2 * b, second=lambda b: 10 - 0.1 * b)
    assert search(40, measure, Prune(target_speedup=1.25))[-1].blocks == 20


def test_a_lucky_measurement_does_not_decide() -> None:
    _, real = bench(lambda blocks: 10 - 0.1 * blocks)
    _, lucky = bench(lambda blocks: 10 - 0.12 * blocks)
    tried = search(80, lambda b, n: (real if n > 1 else lucky)(b, n), Prune(target_speedup=2.0))
    assert tried[-1].blocks == 50


def test_a_target_out_of_reach_is_refused_and_says_what_was_reached() -> None:
    _, measure = bench(lambda blocks: 10 - 0.1 * blocks)
    with pytest.raises(PruningRefused, match=r"2.0 x cannot be reached.*10.00 -> 6.00 ms \(1.67 x"):
        search(40, measure, Prune(target_speedup=2.0))
    assert PruningRefused.exit_code == 3


def test_a_pruning_that_is_no_faster_is_refused() -> None:
    _, measure = bench(lambda blocks: 9.6)
    with pytest.raises(PruningRefused, match=r"is not 5% faster than unpruned: a: 10\.00 -> 9\.60"):
        search(40, measure, Prune(max_latency_ms=9.8))


def test_a_network_without_prunable_channels_is_refused() -> None:
    with pytest.raises(PruningRefused, match="no channels can be removed"):
        search(0, bench(lambda blocks: 1.0)[1], Prune(target_speedup=2.0))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, "give target_speedup or max_latency_ms"),
        ({"target_speedup": 2.0, "max_latency_ms": 3.0}, "not both"),
        ({"target_speedup": 1.01}, "at least 1"),
        ({"target_speedup": 2.0, "smallest_gain": 0.01}, "smallest_gain"),
        ({"target_speedup": 2.0, "importance": "taylor"}, "needs \\[prune.recover\\]"),
        ({"target_speedup": 2.0, "steps": 2}, "steps above 1 need"),
        ({"target_speedup": 2.0, "on": ()}, "at least one variant"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, object], says: str) -> None:
    with pytest.raises(InvalidSettings, match=says):
        Prune(**settings)  # type: ignore[arg-type]


def test_recovery_alone_is_for_quantization_aware_training() -> None:
    aware = Recover(frames=("frames.json",), quantization_aware=True)
    assert not Prune(recover=aware).targeted
