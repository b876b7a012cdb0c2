"""Which placement runs, and that the threads really are where it says."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import sonoedge
from sonoedge import Analysed, EngineOptions, Frame
from sonoedge.bundle import read_bundle
from sonoedge.device.cores import thread_cores
from sonoedge.device.fingerprint import cpu_box
from sonoedge.device.record import SCHEMA_VERSION, Placement, Provision, Result, Timing
from sonoedge.device.store import Found
from sonoedge.engines import placement
from sonoedge.engines.choose import Candidate
from sonoedge.engines.placement import choose_placement
from sonoedge.errors import InvalidSettings, RuntimeUnavailable

TINY = Path(__file__).parents[2] / "data" / "tiny"
CORES = sorted(os.sched_getaffinity(0))
two_cores = pytest.mark.skipif(len(CORES) < 2, reason="one core: there is nothing to choose")
RUNTIMES = ["onnxruntime", "openvino"]
ALONE = "SONOEDGE_TEST_ALONE"
BUNDLE = read_bundle(TINY)
VARIANT = BUNDLE.variant("onnxruntime-fp32")
CANDIDATE = Candidate(variant=VARIANT, runtime="onnxruntime", p50_ms=1.0, measured="at export")


def times(ms: float) -> Timing:
    return Timing(calls=45, p50_ms=ms, p90_ms=ms, p99_ms=ms)


PINNED = Placement(fps=30.0, threads=2, free=times(5.0), pinned=times(3.0), chosen="pinned")


def found(measured: Placement | None, other_machine: str = "") -> Found:
    result = Result(
        variant=VARIANT.id,
        runtime="onnxruntime",
        precision="fp32",
        status="passed",
        placement=measured,
    )
    made = Provision(
        schema_version=SCHEMA_VERSION,
        bundle_id=BUNDLE.manifest.bundle_id,
        manifest_sha256=BUNDLE.manifest_sha256,
        created="2026-01-01T00:00:00+00:00",
        box=cpu_box(),
        conditions={},
        results=(result,),
    )
    return Found(folder=Path(), provision=made, other_machine=other_machine)


@pytest.mark.req("R81")
@pytest.mark.parametrize(
    ("provision", "threads", "load", "expected", "note"),
    [
        (found(PINNED), 2, None, "pinned", "3.0 ms pinned, 5.0 ms free at 30 frames a second"),
        (found(PINNED), 4, None, "free", "2 were measured and not 4"),
        (found(PINNED), 2, 1.5, "free", "other work runs here (load 1.5)"),
        (found(PINNED, "another CPU"), 2, None, "free", ""),
        (found(dataclasses.replace(PINNED, chosen="free")), 2, None, "free", "5.0 ms free"),
        (found(None), 2, None, "free", ""),
    ],
    ids=["measured", "other threads", "busy", "other machine", "measured free", "not measured"],
)
def test_auto_follows_what_was_measured_here_and_says_so(
    provision: Found,
    threads: int,
    load: float | None,
    expected: str,
    note: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(placement, "load_of_others", lambda threads: load)
    placed = choose_placement(EngineOptions(threads=threads), CANDIDATE, provision)
    assert placed.placement == expected
    assert note in placed.note
    assert bool(note) == bool(placed.note)


def test_what_is_asked_for_goes_before_what_was_measured() -> None:
    asked = EngineOptions(threads=2, placement="free")
    assert choose_placement(asked, CANDIDATE, found(PINNED)).placement == "free"
    with pytest.raises(InvalidSettings, match="placement is 'on'"):
        EngineOptions(placement="on")  # type: ignore[arg-type]


def is_alone(request: pytest.FixtureRequest) -> bool:
    """Whether the test has its process to itself; if not, it is run in one of its own.

    Engines that other tests opened have left threads, which may serve those of this one.
    """
    if ALONE in os.environ:
        return True
    test = f"{__file__}::{request.node.name}"
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", test]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    process = subprocess.run(words, capture_output=True, text=True, env={**environment, ALONE: "1"})
    assert process.returncode == 0, process.stdout
    return False


def analysed(analyser: sonoedge.Analyser) -> Analysed:
    answer = analyser.analyse(Frame(pixels=BUNDLE.golden_frames()[0]))
    assert isinstance(answer, Analysed)
    return answer


@pytest.mark.req("R81")
@two_cores
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_pinned_threads_are_bound_while_the_engine_is_open(
    runtime: str, request: pytest.FixtureRequest
) -> None:
    pytest.importorskip(runtime)
    if not is_alone(request):
        return
    before, seen = os.sched_getaffinity(0), set[frozenset[int]]()
    wanted = {frozenset({core}) for core in CORES[:2]}
    engine = EngineOptions(runtime=runtime, threads=2, placement="pinned")
    with sonoedge.open(TINY, engine) as analyser:
        assert analyser.origin.placement == "pinned"
        assert analysed(analyser).origin.placement == "pinned"
        done = watch(seen)
        for _ in range(20_000):  # a look may fall between two calls
            analyser.engine.run()  # type: ignore[attr-defined]
            if wanted <= seen:
                break
        done.set()
        assert wanted <= seen
        assert os.sched_getaffinity(0) == before
    assert os.sched_getaffinity(0) == before
    with sonoedge.open(TINY, EngineOptions(runtime=runtime, threads=2, placement="free")) as free:
        analysed(free)
        assert free.origin.placement == "free"
        assert are_free(frozenset(before))


def are_free(cores: frozenset[int]) -> bool:
    """Whether every thread may run on all cores; on a busy machine one may be late."""
    for _ in range(200):
        if all(on == cores for on in thread_cores().values()):
            return True
        time.sleep(0.01)
    return False


def watch(into: set[frozenset[int]]) -> threading.Event:
    """Note, in a thread of its own, where threads may run while the engine is at work."""
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            into.update(thread_cores().values())

    threading.Thread(target=look, daemon=True).start()
    return done


@pytest.mark.req("R81")
@two_cores
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_cores_that_are_taken_away_leave_the_threads_free_and_the_origin_says_so(
    runtime: str, request: pytest.FixtureRequest
) -> None:
    pytest.importorskip(runtime)
    if not is_alone(request):
        return
    engine = EngineOptions(runtime=runtime, threads=2, placement="pinned")
    before = os.sched_getaffinity(0)
    with sonoedge.open(TINY, engine) as analyser:
        assert analysed(analyser).origin.placement == "pinned"
        try:
            os.sched_setaffinity(0, CORES[:1])
            assert analysed(analyser).origin.placement == "free"
            assert os.sched_getaffinity(0) == set(CORES[:1])
        finally:
            os.sched_setaffinity(0, before)
        assert analysed(analyser).origin.placement == "free"
        assert "taken away" in analyser.engine.lost  # type: ignore[attr-defined]


@pytest.mark.req("R81")
def test_one_core_is_refused_by_name_and_left_free_by_auto(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pinned = EngineOptions(runtime="onnxruntime", threads=1, placement="pinned")
    with pytest.raises(RuntimeUnavailable, match="one thread needs no core"):
        sonoedge.open(TINY, pinned)
    monkeypatch.setattr(placement, "choose_placement", lambda *_: placement.Placed("pinned", "x"))
    with sonoedge.open(TINY, EngineOptions(runtime="onnxruntime", threads=1)) as analyser:
        assert analyser.origin.placement == "free"
        assert "threads free: one thread needs no core of its own" in analyser.choice


def test_engines_that_bind_no_threads_are_refused() -> None:
    from sonoedge.engines.load import make_runtime

    with pytest.raises(RuntimeUnavailable, match="tensorrt's threads cannot be bound to cores"):
        make_runtime(BUNDLE, VARIANT, "tensorrt", b"", options=EngineOptions(placement="pinned"))
