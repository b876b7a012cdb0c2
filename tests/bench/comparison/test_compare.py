from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sonoedge.errors import InvalidData, InvalidSettings
from sonoedge_bench.comparison.compare import compare, verdict
from sonoedge_bench.document import Document

Make = Callable[..., Any]


def test_the_ratio_is_of_medians_and_paired_where_the_frames_are_the_same(
    document: Make, run: Make
) -> None:
    result = compare(document(run()), document(run(1.2, seed=1)))
    row = result.rows[0]
    assert (row.figure, row.paired, row.verdict) == ("analyse_ms", True, "slower")
    assert row.ratio == pytest.approx(1.2, abs=0.01)
    assert row.low < 1.2 < row.high
    assert row.high - row.low < 0.03
    assert result.warnings == ()
    back = compare(document(run(1.2, seed=1)), document(run()))
    assert back.rows[0].verdict == "faster"


def test_other_frames_are_not_paired_and_a_warning_says_so(document: Make, run: Make) -> None:
    after = document(run(1.2, seed=1))
    after = dataclasses.replace(after, frames=dataclasses.replace(after.frames, sha256="1" * 64))
    result = compare(document(run()), after)
    assert not result.rows[0].paired
    assert "frames: not the same" in result.warnings[0]


def test_no_difference_is_shown_within_what_repeated_runs_differ_by(
    document: Make, run: Make
) -> None:
    result = compare(document(run()), document(run(1.02, seed=1)))
    assert result.rows[0].low > 1
    assert result.rows[0].verdict == "no difference shown"
    assert verdict(0.9, 1.3, 1.1) == "no difference shown"
    assert verdict(1.04, 1.2, 1.1) == "slower"
    assert verdict(0.8, 0.96, 0.9) == "faster"


def test_slower_by_more_than_allowed_is_a_failure_and_by_less_is_none(
    document: Make, run: Make
) -> None:
    before, after = document(run()), document(run(1.2, seed=1))
    assert len(compare(before, after, fail_over=0.1).failures) == 1
    assert compare(before, after, fail_over=0.3).failures == ()
    assert compare(after, before, fail_over=0.0).failures == ()


def test_unlike_machines_and_models_are_refused_without_force(document: Make, run: Make) -> None:
    def changed(**machine: Any) -> Document:
        made: Document = document(run())
        return dataclasses.replace(made, machine=dataclasses.replace(made.machine, **machine))

    before = changed(cpu="a")
    other = changed(cpu="z")
    other = dataclasses.replace(other, model=dataclasses.replace(other.model, id="b-2"))
    with pytest.raises(
        InvalidSettings, match=r"machine: cpu: a, z; model: net-1-abc, b-2.*--force"
    ):
        compare(before, other)
    result = compare(before, other, force=True)
    assert result.warnings[:2] == ("machine: cpu: a, z", "model: net-1-abc, b-2")
    newer = changed(cpu="a", packages={"numpy": "3", "openvino": None})
    assert compare(before, newer).warnings == ("version of numpy: 2.0, 3",)


def test_unlike_modes_are_refused_always(document: Make, run: Make) -> None:
    after = dataclasses.replace(document(run()), mode="cold")
    with pytest.raises(InvalidSettings, match="mode closed, the other of mode cold"):
        compare(document(run()), after, force=True)


def test_runs_are_matched_by_variant_threads_isolation_and_pace_or_are_the_only_ones(
    document: Make, run: Make
) -> None:
    two = document(run(), run(variant="w"))
    result = compare(two, document(run(1.3, variant="w")))
    assert {row.run for row in result.rows} == {"w 2 threads"}
    alone = compare(document(run()), document(run(variant="w")))
    assert alone.rows[0].run == "v 2 threads -> w 2 threads"
    with pytest.raises(InvalidData, match="no run is in both"):
        compare(two, document(run(variant="x")))


def test_a_run_that_ended_early_is_compared_with_a_warning(document: Make, run: Make) -> None:
    after = dataclasses.replace(document(run(count=50)), stop_reason="interrupted")
    result = compare(document(run()), after)
    assert result.rows[0].n == (50, 50)
    assert result.warnings == ("the second is not complete: interrupted",)
    with pytest.raises(InvalidData, match="too few samples"):
        compare(document(run()), document(run(count=3)))


def test_an_overhead_around_nothing_has_no_ratio(document: Make, run: Make) -> None:
    zeros = {"number": tuple(range(9)), "analyse_ms": (1.0,) * 9, "bare_ms": (0.0,) * 9}
    rows = compare(document(run(samples=zeros)), document(run(samples=zeros))).rows
    assert {row.figure for row in rows} == {"analyse_ms"}
    assert not np.isnan([row.ratio for row in rows]).any()
