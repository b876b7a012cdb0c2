"""Histograms: their buckets add up, whatever comes."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metric_samples import outcome
from sonoedge.findings import STAGES
from sonoedge.metrics import FrameTimes
from sonoedge.metrics.times import Histogram

parser = pytest.importorskip("prometheus_client.parser")
bounds = st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=9, unique=True).map(sorted).map(tuple)
values = st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=50)


@given(bounds, values)
def test_buckets_never_fall_and_the_last_is_the_count(
    ends: tuple[float, ...], added: list[float]
) -> None:
    histogram = Histogram(ends)
    for value in added:
        histogram.add(value)
    lines = dict(line.rsplit(" ", 1) for line in histogram.lines("h", {}))
    real = [value for value in added if 0 <= value < math.inf]
    counts = [int(lines[f'h_bucket{{le="{end!r}"}}']) for end in ends]
    assert counts == [sum(value <= end for value in real) for end in ends]
    assert counts == sorted(counts)
    last, count = int(lines['h_bucket{le="+Inf"}']), int(lines["h_count"])
    assert counts[-1] <= last == count == len(real)
    assert float(lines["h_sum"]) == sum(real)


@given(
    st.lists(
        st.tuples(st.floats(0, 1e4), st.dictionaries(st.sampled_from(STAGES), st.floats(0, 1e3)))
    )
)
def test_a_reader_gets_back_what_was_counted(
    outcomes: list[tuple[float, dict[str, float]]],
) -> None:
    times = FrameTimes()
    for age_ms, stages_ms in outcomes:
        times.add(outcome(age_ms, stages_ms))
    stage, age, *_ = parser.text_string_to_metric_families(times.text())
    counts = {s.labels["stage"]: s.value for s in stage.samples if s.name.endswith("_count")}
    assert counts == {s: sum(s in stages for _, stages in outcomes) for s in STAGES}
    (total,) = (s.value for s in age.samples if s.name.endswith("_count"))
    assert total == len(outcomes)
