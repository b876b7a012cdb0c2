from __future__ import annotations

import os
from pathlib import Path

import pytest

from sonoedge_bench.reliability.context import Context
from sonoedge_bench.reliability.service import host
from sonoedge_bench.reliability.service.kills import HAD, service_kills

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
if not hasattr(os, "memfd_create"):
    pytest.skip("a worker process needs Linux", allow_module_level=True)
if host.missing() is not None:
    pytest.skip(str(host.missing()), allow_module_level=True)


@pytest.mark.req("R66")
def test_kills_leave_nothing_and_nothing_is_valid_afterwards(repository: Path) -> None:
    tiny = repository / "tests" / "data" / "tiny"
    context = Context(bundle=tiny, small=tiny, runtime="onnxruntime", quick=True)
    figures = {f.name: f for f in service_kills(context)}
    assert figures["hosts killed with SIGKILL"].value == 3
    assert figures["rings and pages that they had"].value == 10
    assert figures["services killed with SIGKILL"].value == 4
    assert figures["workers that they had"].value == 4
    for name in (
        "rings and pages left",
        "of those, left",
        "workers alive 2 s later",
        *(f"more {each} of the {who}" for each in HAD for who in ("service", "host")),
    ):
        assert figures[name].value <= 0, name
    for name in ("SIGKILL", "SIGSTOP"):  # seen at all; how soon is told, and not asserted
        assert len(figures[f"{name} until sonoedge_valid is 0, max"].samples) >= 3
