from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sonoedge.errors import InvalidData
from sonoedge_export.evidence.inputs import Inputs
from sonoedge_export.evidence.sections.latency import latency

from .documents import bench, table, texts

Read = Callable[..., Inputs]
Written = Callable[[str, Any], Path]


def test_latency_stands_with_its_intervals_its_outcomes_and_its_target(
    read: Read, written: Written
) -> None:
    section = latency(read(bench=(written("b.json", bench()),)))
    (row,) = table(section, "1-runs").rows
    by_column = dict(zip(table(section, "1-runs").columns, row.cells, strict=True))
    assert (by_column["p50"].text, by_column["p50"].detail) == ("3.25", "3 to 3.5")
    assert by_column["p99"].text == "not provided"
    assert by_column["late"].text == "1"
    (budget,) = table(section, "1-budget").rows
    assert (budget.cells[0].text, budget.mark) == ("NOT KEPT", "fail")
    facts = dict(texts(table(section, "1-conditions").rows))
    assert facts["target"] == "x86-amx"
    assert facts["GPU"] == "not provided"


def test_frames_that_do_not_add_up_are_red(read: Read, written: Written) -> None:
    document = bench()
    document["runs"][0]["outcomes"]["balanced"] = False
    section = latency(read(bench=(written("b.json", document),)))
    assert table(section, "1-runs").rows[0].mark == "fail"


def test_without_a_benchmark_there_is_no_latency(read: Read) -> None:
    assert latency(read()).tables == ()
    assert latency(read()).absent == "no --bench"


def test_a_document_whose_values_are_of_another_kind_is_refused(
    read: Read, written: Written
) -> None:
    document = bench()
    document["runs"][0]["outcomes"]["balanced"] = "yes"
    with pytest.raises(InvalidData, match=r"b\.json: runs\[0\]\.outcomes\.balanced must be true"):
        latency(read(bench=(written("b.json", document),)))
    document = bench()
    document["runs"] = {"a": 1}
    with pytest.raises(InvalidData, match=r"b2\.json: runs must be a list"):
        latency(read(bench=(written("b2.json", document),)))


def test_a_benchmark_that_is_not_complete_or_of_another_machine_is_red(
    read: Read, written: Written
) -> None:
    document = bench()
    document["complete"] = document["target"]["matches"] = False
    section = latency(read(bench=(written("b.json", document),)))
    marks = {row.cells[0].text: row.mark for row in table(section, "1-conditions").rows}
    assert marks["complete"] == marks["this machine is the target"] == "fail"
    assert marks["mode"] == ""


def test_without_a_target_there_is_no_budget(read: Read, written: Written) -> None:
    section = latency(read(bench=(written("b.json", bench() | {"target": None}),)))
    assert table(section, "1-budget").rows == ()
    assert table(section, "1-budget").empty == "no target was named"
