from __future__ import annotations

import dataclasses
from typing import Any

from sonoedge_bench.document.run import Run
from sonoedge_bench.report.hints import hints
from sonoedge_bench.statistics import summary


def with_samples(run: Run, figure: str, count: int, every: int = 1) -> Run:
    """The same with so many samples of one figure, of each `every`th frame."""
    samples = {
        "number": tuple(float(n * every) for n in range(count)),
        figure: (1.0,) * count,
    }
    outcomes = dataclasses.replace(run.outcomes, submitted=count, analysed=count)
    figures = {figure: summary([1.0] * count)}
    return dataclasses.replace(run, samples=samples, figures=figures, outcomes=outcomes)


def test_a_closed_run_says_how_many_frames_a_quantile_takes(a_document: Any, a_run: Any) -> None:
    run = with_samples(a_run("closed"), "analyse_ms", 100)
    assert hints(a_document("closed", run)) == [
        "n<299: p99 takes 299 samples; measure again with --frames 299 or more",
        "n<2995: p99.9 takes 2995 samples; measure again with --frames 2995 or more",
    ]


def test_a_paced_run_says_how_many_seconds_it_takes_at_its_pace(
    a_document: Any, a_run: Any
) -> None:
    run = with_samples(a_run("paced", fps=30.0), "age_ms", 100)
    assert "with --duration 10 or more" in hints(a_document("paced", run))[0]
    sparse = with_samples(a_run("paced", fps=30.0), "age_ms", 100, every=2)
    assert "with --duration 20 or more" in hints(a_document("paced", sparse))[0]


def test_of_several_runs_the_one_that_takes_longest_counts(a_document: Any, a_run: Any) -> None:
    runs = [with_samples(a_run("sweep", fps=fps), "age_ms", 100) for fps in (10.0, 30.0)]
    (first, _) = hints(a_document("sweep", *runs))
    assert "--duration 30 or more" in first


def test_cold_starts_take_repeats_and_a_large_sample_takes_nothing(
    a_document: Any, a_run: Any
) -> None:
    few = with_samples(a_run("cold"), "open_ms", 10)
    assert (
        "p90 takes 29 samples; measure again with --repeats 29" in hints(a_document("cold", few))[0]
    )
    assert hints(a_document("closed", with_samples(a_run("closed"), "analyse_ms", 3000))) == []
