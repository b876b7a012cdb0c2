"""Candidates that fail in every way: the process that asks lives, and says how they failed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from faults.scenario import TINY
from sonoedge.bundle import read_bundle
from sonoedge.engines.options import EngineOptions
from sonoedge.errors import (
    EngineCrashed,
    EngineFailed,
    GateFailed,
    GoldenMismatch,
    SonoedgeError,
)
from sonoedge.store import HealthLimits, self_test
from sonoedge.store.health.self_test import _report
from sonoedge.trust.policy import TrustPolicy
from sonoedge_bench.reliability.faulty_bundle import make_faulty_bundle

DOUBLES = EngineOptions(test_doubles=True)
Faulty = Callable[..., Path]


@pytest.fixture
def faulty(tmp_path: Path) -> Faulty:
    return lambda *faults, **more: make_faulty_bundle(TINY, tmp_path / "faulty", faults, **more)


def ask(folder: Path, **limits: Any) -> None:
    bundle = read_bundle(folder, test_doubles=True, trust=TrustPolicy())
    self_test(bundle, DOUBLES, HealthLimits(**limits))


def test_a_sound_bundle_passes_and_tells_its_times() -> None:
    report = self_test(read_bundle(TINY), EngineOptions(), HealthLimits(frames=5))
    assert report.variant == "onnxruntime-fp32"
    assert report.p50_ms is not None
    assert report.p99_ms is not None
    assert 0 < report.p50_ms <= report.p99_ms


FAILURES: dict[str, tuple[dict[str, Any], dict[str, Any], type[SonoedgeError], str]] = {
    "wrong flags": ({"kind": "wrong"}, {}, GoldenMismatch, "golden frame"),
    "not finite": ({"kind": "nan"}, {}, GoldenMismatch, "golden frame"),
    "crash at load": ({"kind": "sigsegv", "at": "load"}, {}, EngineCrashed, "SIGSEGV"),
    "crash later": ({"kind": "sigabrt", "call": 4}, {}, EngineCrashed, "SIGABRT"),
    "exit": ({"kind": "exit", "at": "load"}, {}, EngineCrashed, "ended with 3"),
    "hang": ({"kind": "hang", "at": "load"}, {"timeout_s": 3.0}, EngineCrashed, "in time"),
    "out of memory": ({"kind": "memory"}, {}, EngineFailed, "memory"),
    "too much memory": (
        {"kind": "leak", "bytes": 300 << 20},
        {"memory_mib": 700, "frames": 10},
        EngineFailed,
        "more memory",
    ),
    "slow": ({"kind": "slow", "ms": 30.0}, {"max_ms": 20.0, "frames": 3}, GateFailed, "too slow"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_candidate_that_fails_is_told_by_how_it_failed(faulty: Faulty, name: str) -> None:
    fault, limits, error, text = FAILURES[name]
    with pytest.raises(error, match=text):
        ask(faulty(fault), **limits)


def children() -> list[str]:
    """Processes that this one has started, and ended ones that nobody has waited for."""
    tasks = Path("/proc/self/task").glob("*/children")
    return sorted(" ".join(task.read_text() for task in tasks).split())


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


def test_nothing_of_the_test_is_left_behind(faulty: Faulty) -> None:
    files, processes = descriptors(), set(children())
    with pytest.raises(EngineCrashed):
        ask(faulty({"kind": "hang", "at": "load"}), timeout_s=2.0)
    # Something of an earlier test may still be on its way out.
    assert descriptors() <= files
    assert set(children()) <= processes


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", 0), (b"{", 0), (b"[]", 0), (b"{}", 0), (b'{"is": "passed"}', 0), (b"{}", 1)],
)
def test_an_answer_that_makes_no_sense_is_a_crash(data: bytes, code: int) -> None:
    with pytest.raises(EngineCrashed):
        _report(data, code)


def test_an_error_that_nobody_knows_is_an_engines() -> None:
    with pytest.raises(EngineFailed, match="NEW: what"):
        _report(b'{"is": "failed", "token": "NEW", "message": "what"}', 0)
