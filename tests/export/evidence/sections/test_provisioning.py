from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sonoedge_export.evidence.inputs import Inputs
from sonoedge_export.evidence.sections.provisioning import provision

from .documents import BUNDLE_ID, table, texts

Read = Callable[..., Inputs]
Written = Callable[[str, Any], Path]


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
