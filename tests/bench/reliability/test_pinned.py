from __future__ import annotations

import os
from pathlib import Path

import pytest

from sonoedge_bench.reliability.context import Context
from sonoedge_bench.reliability.pinned import pinned

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
if not hasattr(os, "memfd_create"):
    pytest.skip("a worker process needs Linux", allow_module_level=True)


def quick(repository: Path) -> Context:
    tiny = repository / "tests" / "data" / "tiny"
    return Context(bundle=tiny, small=tiny, runtime="onnxruntime", quick=True)


def test_every_change_is_survived_without_a_result_of_another_bundle(repository: Path) -> None:
    figures = {f.name: f for f in pinned(quick(repository))}
    for change in ("link moved", "folder replaced", "bundle removed"):
        assert figures[f"{change}: workers killed"].value == 2
        assert figures[f"{change}: results"].value >= 3  # one of them before the change
        assert figures[f"{change}: results of another bundle"].met is True
        assert figures[f"{change}: outcomes of another kind"].met is True
    assert figures["link moved: sessions that latched FAULT"].value == 0
    assert figures["bundle removed: sessions that latched FAULT"].value == 2
