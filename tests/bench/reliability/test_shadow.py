from __future__ import annotations

import os
from pathlib import Path

import pytest

from sonoedge_bench.reliability import shadow as module
from sonoedge_bench.reliability.context import Context
from sonoedge_bench.reliability.shadow import shadow

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
if not hasattr(os, "memfd_create"):
    pytest.skip("a worker process needs Linux", allow_module_level=True)


def quick(repository: Path) -> Context:
    tiny = repository / "tests" / "data" / "tiny"
    return Context(bundle=tiny, small=tiny, runtime="onnxruntime", quick=True)


def test_no_candidate_costs_an_outcome_or_an_engine(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PRIORITIES", ("equal",))
    figures = shadow(quick(repository))
    assert sum(f.name.startswith("candidate ") for f in figures) == 4
    kept = [f.met for f in figures if "lost" in f.name or "replaced" in f.name]
    assert kept == [True] * 8
    failures = [f.value for f in figures if "failures" in f.name]
    compared = [f.value for f in figures if "compared" in f.name]
    assert failures[0] == 0  # of the one that works
    assert all(f + c > 0 for f, c in zip(failures, compared, strict=True))


def test_a_candidate_that_never_had_a_processor_proves_nothing() -> None:
    ratio, *_ = module._figures(module.PRIORITIES[0], 1.0, [])
    assert ratio.limit is None
