from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from sonoedge_bench.document.run import ProcessMemory
from sonoedge_bench.report.cells import bounds, engine, number, quantile, total


@pytest.mark.parametrize(
    ("value", "cell"),
    [(None, "-"), (0.1234, "0.12"), (12.345, "12.35"), (123.45, "123.5"), (1234.5, "1234")],
)
def test_large_numbers_have_fewer_digits(value: float | None, cell: str) -> None:
    assert number(value) == cell


def test_what_is_not_known_is_a_dash_or_the_samples_that_it_takes(a_run: Any) -> None:
    run = a_run("closed")
    assert quantile(run, "analyse_ms", "p999") == "n<2995"
    assert bounds(run, "analyse_ms", "p999") == "-"
    assert quantile(run, "absent", "p50") == "-"


def test_an_engine_is_named_with_how_it_was_driven(a_run: Any) -> None:
    run = a_run("paced", fps=15.0)
    assert engine(run) == "openvino-int8, 2 thr, 15 fps"
    driven = dataclasses.replace(run, isolation="process", spin=True, keep_warm=True)
    assert engine(driven) == "openvino-int8, 2 thr, 15 fps, process, spinning, kept warm"


def test_memory_is_a_sum_only_where_every_part_is_known() -> None:
    host, worker = ProcessMemory(peak=10.0, steady=None), ProcessMemory(peak=5.0, steady=1.0)
    assert total({"host": host, "worker": worker}, "peak") == 15.0
    assert total({"host": host, "worker": worker}, "steady") is None
    assert total(None, "peak") is None
