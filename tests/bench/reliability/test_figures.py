from __future__ import annotations

from sonoedge_bench.reliability.figures import Figure, as_json, quantile, table


def test_a_quantile_is_a_sample_and_its_tail_is_not_talked_down() -> None:
    samples = [float(n) for n in range(1, 101)]
    assert quantile("t", samples, 50, "ms").value == 51.0
    assert quantile("t", samples, 99.9, "ms").value == 100.0
    assert quantile("t", [1.0, 9.0], 99, "ms").value == 9.0
    assert quantile("t", samples, 100, "ms").name == "t, max"
    assert quantile("t", samples, 99.9, "ms").name == "t, p99.9"


def test_a_limit_is_the_most_that_is_allowed() -> None:
    assert Figure(name="f", value=20, limit=20).met is True
    assert Figure(name="f", value=20.1, limit=20).met is False
    assert Figure(name="f", value=20).met is None


def test_the_table_names_what_is_missed() -> None:
    text = table({"part": [Figure(name="slow", value=30, unit="ms", limit=20)]})
    assert text.splitlines()[-1].split() == ["slow", "30", "ms", "20", "NO"]


def test_raw_samples_are_kept() -> None:
    assert as_json(quantile("t", [1.0, 2.0], 50, "ms"))["samples"] == [1.0, 2.0]
