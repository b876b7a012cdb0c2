from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sonoedge.errors import InvalidData
from sonoedge.guard import GuardSettings
from sonoedge.settings import plain
from sonoedge_export.evidence.inputs import Inputs
from sonoedge_export.evidence.sections.device import audit, guard, latency, provision, reliability

from .documents import BUNDLE_ID, bench, table, texts

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


def test_limits_of_reliability_that_are_not_kept_stand_first(read: Read, written: Written) -> None:
    figures = [
        {"name": "a", "value": 1.0, "unit": "ms", "limit": 2.0, "met": True},
        {"name": "b", "value": 1.0, "unit": "", "limit": None, "met": None},
        {"name": "c", "value": 3.0, "unit": "ms", "limit": 2.0, "met": False},
    ]
    document = {"schema": "sonoedge-reliability-1", "bundle_id": BUNDLE_ID, "quick": True,
                "machine": {}, "parts": {"submit": figures}}  # fmt: skip
    section = reliability(read(reliability=written("r.json", document)))
    rows = table(section, "figures").rows
    assert [row[0] for row in texts(rows)] == ["NOT KEPT", "kept", "not judged"]
    assert dict(texts(table(section, "machine").rows))["quick run, which claims nothing"] == "yes"


def test_engines_that_a_device_refused_are_red(read: Read, written: Written) -> None:
    results = [
        {"variant": "x", "runtime": "onnxruntime", "status": "passed", "why": "",
         "check": {"frames": 3, "flags_agree": 1.0, "dice": 1.0},
         "timing": {"calls": 200, "p50_ms": 1.5, "p90_ms": 2, "p99_ms": 3}},
        {"variant": "y", "runtime": "tensorrt", "status": "unavailable", "why": "no GPU",
         "check": None, "timing": None},
        {"variant": "z", "runtime": "openvino", "status": "failed", "why": "flags", "check": None,
         "timing": None},
    ]  # fmt: skip
    document = {"schema": "sonoedge-provision-report-1", "bundle_id": BUNDLE_ID,
                "provision": {"results": results, "box": {}}}  # fmt: skip
    rows = table(provision(read(provision=written("p.json", document))), "results").rows
    assert [row.mark for row in rows] == ["pass", "undecided", "fail"]
    assert texts(rows)[1][3:7] == ["not provided"] * 4


def test_rates_of_the_guard_say_whether_they_are_of_the_bundles_settings(
    read: Read, written: Written
) -> None:
    rate = {"name": "black", "frames": 100, "stopped": 98, "share": 0.98, "reasons": {"BLACK": 98},
            "minimum": 0.99, "maximum": None, "met": False}  # fmt: skip
    free = rate | {"name": "clip", "minimum": None, "met": True, "frames": 9}
    document = {"schema": "sonoedge-guard-rates-1", "rates": [free, rate],
                "settings": plain(GuardSettings(frozen_after_ms=None))}  # fmt: skip
    section = guard(read(guard=written("g.json", document)))
    assert texts(table(section, "measured").rows) == [["settings", "those of the bundle"]]
    rows = texts(table(section, "rates").rows)
    assert [row[:4] for row in rows] == [
        ["NOT KEPT", "black", "100", "98.0 %"],
        ["not judged", "clip", "9", "too few"],
    ]
    document["settings"] = plain(GuardSettings(black_level=5))
    section = guard(read(guard=written("g2.json", document)))
    assert texts(table(section, "measured").rows) == [["black_level, other than the bundle's", "5"]]


def test_what_a_log_told_is_listed(read: Read, written: Written) -> None:
    document = {"schema": "sonoedge-audit-verify-1", "records": 2020, "intact": True}
    section = audit(read(audit=written("a.json", document)))
    assert dict(texts(table(section, "verified").rows))["records"] == "2020"


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
