from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import pytest

from faults.scenario import TINY
from sonoedge.bundle import read_bundle
from sonoedge.errors import GoldenMismatch, SonoedgeError
from sonoedge.session.worker.setup import Setup
from sonoedge.store.health import HealthReport
from sonoedge.store.health.child import examine, tell


def raising(error: BaseException) -> HealthReport:
    raise error


def test_warm_up_frames_are_analysed_and_not_timed() -> None:
    bundle = read_bundle(TINY)
    setup = Setup(bundle=str(TINY), manifest_sha256=bundle.manifest_sha256)
    ticks = itertools.count(step=2_000_000)  # the clock jumps 2 ms at each reading
    report = examine(setup.to_plain(), 7, clock_ns=lambda: next(ticks))
    assert (report.frames, report.p50_ms, report.p99_ms) == (7, 2.0, 2.0)
    assert next(ticks) == (2 * 7 + len(bundle.manifest.golden.frames)) * 2_000_000


def test_without_frames_nothing_is_timed() -> None:
    setup = Setup(bundle=str(TINY), manifest_sha256=read_bundle(TINY).manifest_sha256)
    report = examine(setup.to_plain(), 0)
    assert (report.frames, report.p50_ms, report.p99_ms) == (0, None, None)
    assert report.variant == "onnxruntime-fp32"


@pytest.mark.parametrize(
    ("error", "token", "text"),
    [
        (GoldenMismatch("off"), "GOLDEN_MISMATCH", "off"),
        (MemoryError(), "ENGINE_FAILED", "more memory"),
        (ZeroDivisionError("x"), "ENGINE_FAILED", "ZeroDivisionError: x"),
    ],
    ids=["typed", "memory", "untyped"],
)
def test_whatever_goes_wrong_is_told_by_a_token(
    error: BaseException, token: str, text: str
) -> None:
    answer = tell(lambda: raising(error))
    assert (answer["is"], answer["token"]) == ("failed", token)
    assert text in answer["message"]


def test_another_bundle_than_the_one_that_was_asked_for_is_not_examined(tmp_path: Path) -> None:
    setup = Setup(bundle=str(TINY), manifest_sha256="0" * 64)
    with pytest.raises(SonoedgeError, match="has changed"):
        examine(setup.to_plain(), 1)


def test_memory_is_limited_before_anything_is_opened() -> None:
    code = """
from sonoedge.store.health.child import limit_memory
limit_memory(256)
try:
    bytearray(512 << 20)
except MemoryError:
    print("refused", open("/proc/self/oom_score_adj").read().strip())
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "refused 1000\n"
