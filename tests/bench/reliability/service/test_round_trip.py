from __future__ import annotations

import os
from pathlib import Path

import pytest

from sonoedge_bench.reliability.context import Context
from sonoedge_bench.reliability.service import host
from sonoedge_bench.reliability.service.round_trip import service

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
if not hasattr(os, "memfd_create"):
    pytest.skip("a worker process needs Linux", allow_module_level=True)
if host.missing() is not None:
    pytest.skip(str(host.missing()), allow_module_level=True)


def test_a_host_in_c_gets_the_sessions_own_results(repository: Path) -> None:
    tiny = repository / "tests" / "data" / "tiny"
    context = Context(bundle=tiny, small=tiny, runtime="onnxruntime", quick=True)
    figures = {f.name: f for f in service(context)}
    assert figures["frames that went both ways"].value == 90
    assert figures["of those, with a field that differs"].value == 0
    assert len(figures["round 1: C client through the service, p50"].samples) == 30
