"""One analyser, whoever calls it: threads, forks, signal handlers, frames that are none."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import sonoedge
from sonoedge import Analysed, EngineOptions, Frame, NotAnalysed, Reason
from sonoedge.runtime import Runtime, Tensors

TINY = Path(__file__).parents[1] / "data" / "tiny"


def picture(number: int) -> np.ndarray:
    pixels = np.full((96, 128), 120, dtype=np.uint8)
    pixels += np.random.default_rng(number).integers(0, 20, pixels.shape, dtype=np.uint8)
    x = 10 + 12 * number
    pixels[30:60, x : x + 24] = 20
    return pixels


def boxes(analysis: object) -> list[tuple[int, int, int, int]]:
    assert isinstance(analysis, Analysed)
    return [region.box_px for region in analysis.regions]


class Watched:
    """A runtime that sees whether calls overlap, and gives others time to."""

    def __init__(self, engine: Runtime) -> None:
        self._engine = engine
        self.inputs, self.outputs = engine.inputs, engine.outputs
        self.inside = self.most = 0

    def infer(self, tensors: Tensors) -> Tensors:
        self.inside += 1
        self.most = max(self.most, self.inside)
        os.sched_yield()
        answer = self._engine.infer(tensors)
        self.inside -= 1
        return answer

    def close(self) -> None:
        self._engine.close()


@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_threads_that_share_an_analyser_get_the_answers_of_their_own_frames(runtime: str) -> None:
    pytest.importorskip(runtime)
    wrong: list[object] = []
    with sonoedge.open(TINY, EngineOptions(runtime=runtime), tracking=False) as analyser:
        analyser.engine = watched = Watched(analyser.engine)
        want = {n: boxes(analyser.analyse(Frame(pixels=picture(n)), stream=n)) for n in (0, 4)}
        assert want[0] != want[4]

        def ask(number: int) -> None:
            for turn in range(60):
                pixels = picture(number)
                pixels[0, 0] = turn  # or the guard would see a frozen picture
                outcome = analyser.analyse(Frame(pixels=pixels), stream=number)
                if not isinstance(outcome, Analysed) or boxes(outcome) != want[number]:
                    wrong.append(outcome)

        threads = [threading.Thread(target=ask, args=(n,)) for n in (0, 4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert watched.most == 1


def test_a_call_within_a_call_is_refused_and_the_outer_one_is_right() -> None:
    with sonoedge.open(TINY) as analyser:
        inner: list[object] = []
        engine = analyser.engine

        class Reentering(Watched):
            def infer(self, tensors: Tensors) -> Tensors:
                if not inner:
                    inner.append(analyser.analyse(Frame(pixels=picture(1))))
                return super().infer(tensors)

        analyser.engine = Reentering(engine)
        outer = analyser.analyse(Frame(pixels=picture(2)))
        assert isinstance(outer, Analysed)
        (refused,) = inner
        assert isinstance(refused, NotAnalysed)
        assert refused.reasons == (Reason.INTERNAL_ERROR,)
        assert "within a call" in refused.detail
        assert isinstance(analyser.analyse(Frame(pixels=picture(3))), Analysed)


FORK = """
import os, sys, warnings
import cv2, sonoedge
warnings.simplefilter("ignore")
analyser = sonoedge.open(sys.argv[1], sonoedge.EngineOptions(runtime=sys.argv[2]))
frame = sonoedge.Frame(pixels=cv2.imread(sys.argv[3]))
assert isinstance(analyser.analyse(frame), sonoedge.Analysed)
pid = os.fork()
if pid == 0:
    outcome = analyser.analyse(frame)
    analyser.close()
    print(outcome.reasons[0].value, flush=True)
    os._exit(0)
os.waitpid(pid, 0)
"""


@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_in_a_fork_each_frame_says_so_and_nothing_hangs(runtime: str) -> None:
    pytest.importorskip(runtime)
    words = [str(TINY), runtime, str(TINY / "golden" / "frame000.png")]
    done = subprocess.run(
        [sys.executable, "-c", FORK, *words],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout == "FORKED\n", done.stderr


@pytest.mark.parametrize("captured", [None, "yesterday", 1.5])
def test_a_capture_time_that_is_none_is_an_outcome_and_nothing_raises(captured: object) -> None:
    with sonoedge.open(TINY) as analyser:
        outcome = analyser.analyse(
            Frame(pixels=picture(0), captured_ns=captured)  # type: ignore[arg-type]
        )
        assert isinstance(outcome, NotAnalysed)
        assert outcome.reasons == (Reason.CAPTURE_TIME_INVALID,)
        assert 0 <= outcome.age_ms < 60_000


@pytest.mark.req("R22")
@pytest.mark.parametrize("frame", [None, "frame", object()])
def test_what_is_no_frame_is_an_outcome(frame: object) -> None:
    with sonoedge.open(TINY) as analyser:
        outcome = analyser.analyse(frame)  # type: ignore[arg-type]
        assert isinstance(outcome, NotAnalysed)
        assert outcome.reasons == (Reason.INTERNAL_ERROR,)


def test_closing_waits_for_the_call_that_another_thread_has_begun() -> None:
    analyser = sonoedge.open(TINY)
    begun, go_on = threading.Event(), threading.Event()

    class Slow(Watched):
        def infer(self, tensors: Tensors) -> Tensors:
            begun.set()
            go_on.wait(10)
            return super().infer(tensors)

    analyser.engine = Slow(analyser.engine)
    outcomes: list[object] = []
    caller = threading.Thread(
        target=lambda: outcomes.append(analyser.analyse(Frame(pixels=picture(0))))
    )
    caller.start()
    begun.wait(10)
    closer = threading.Thread(target=analyser.close)
    closer.start()
    go_on.set()
    caller.join()
    closer.join()
    assert isinstance(outcomes[0], Analysed)
    closed = analyser.analyse(Frame(pixels=picture(0)))
    assert isinstance(closed, NotAnalysed)
    assert closed.reasons == (Reason.CLOSED,)


def test_opening_leaves_the_hosts_opencv_as_it_was() -> None:
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(2)
    try:
        with sonoedge.open(TINY) as analyser:
            analyser.analyse(Frame(pixels=picture(0)))
        assert cv2.getNumThreads() == 2
    finally:
        cv2.setNumThreads(before)
