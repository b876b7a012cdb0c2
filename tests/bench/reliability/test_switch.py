from __future__ import annotations

import os
from pathlib import Path

import pytest

from sonoedge_bench.reliability.context import Context
from sonoedge_bench.reliability.switch import switch

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
if not hasattr(os, "memfd_create"):
    pytest.skip("a worker process needs Linux", allow_module_level=True)


def quick(repository: Path) -> Context:
    tiny = repository / "tests" / "data" / "tiny"
    return Context(bundle=tiny, small=tiny, runtime="onnxruntime", quick=True)


def test_bundles_take_turns_and_no_frame_is_without_an_analysis(repository: Path) -> None:
    figures = {f.name: f for f in switch(quick(repository))}
    assert figures["switches"].value == 2
    assert figures["switches taken back"].met is True
    assert figures["counters that do not add up"].met is True
    assert figures["frames analysed"].value >= 10
