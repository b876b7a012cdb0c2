"""What it costs to have the engine in another process."""

from __future__ import annotations

import contextlib
import select
import threading
import time
from collections.abc import Callable

import sonoedge
from sonoedge import Analysed, Analysis, EngineOptions, Frame
from sonoedge.bundle import read_bundle
from sonoedge.errors import InvalidSettings
from sonoedge.session.engine import Answer, FrameAnswer
from sonoedge.session.mailbox import Submission
from sonoedge.session.worker.process import ProcessWorker
from sonoedge.session.worker.setup import Setup
from sonoedge.session.worker.shared_memory import FrameMemory
from sonoedge_bench.reliability.context import Context, Pixels, pictures
from sonoedge_bench.reliability.drive import wait_until
from sonoedge_bench.reliability.figures import Figure, quantile


class _Waiting:
    """Submits a frame and waits for its callback."""

    def __init__(self) -> None:
        self._came = threading.Event()
        self._got: Analysis | None = None

    def __call__(self, analysis: Analysis) -> None:
        self._got = analysis
        self._came.set()

    def through(self, session: sonoedge.LiveSession) -> Callable[[Frame], Analysis]:
        def call(frame: Frame) -> Analysis:
            self._came.clear()
            session.submit(frame)
            if not self._came.wait(30) or self._got is None:
                raise InvalidSettings("a frame got no outcome")
            return self._got

        return call


class _Direct:
    """A worker asked from this very thread: what crosses to a process costs, and no more."""

    def __init__(self, context: Context) -> None:
        setup = Setup(
            bundle=str(context.bundle.resolve()),
            manifest_sha256=read_bundle(context.bundle).manifest_sha256,
            engine=EngineOptions(runtime=context.runtime),
        )
        self._memory = FrameMemory()
        self._engine = ProcessWorker(setup, self._memory)
        self._poll = select.poll()
        for fd in self._engine.watch:
            self._poll.register(fd, select.POLLIN)
        self._answer()  # ready

    def __call__(self, frame: Frame) -> Analysis:
        submission = Submission(frame_id=0, stream="main", frame=frame, born_ns=frame.captured_ns)
        self._engine.ask(submission)
        answer = self._answer()
        if not isinstance(answer, FrameAnswer):
            raise InvalidSettings(f"the worker answered {answer}")
        return answer.analysis

    def close(self) -> None:
        self._engine.kill()
        wait_until(self._engine.has_ended)
        self._memory.close()

    def _answer(self) -> Answer:
        while True:
            if not self._poll.poll(60_000):
                raise InvalidSettings("the worker does not answer")
            if answers := self._engine.collect():
                return answers[0]


def isolation(context: Context) -> list[Figure]:
    """Analyses in process, through a thread, and through the worker, frame by frame in turns."""
    shown = pictures(context.bundle)
    turns, warm_up = context.count(1000, 40), 20
    ways: dict[str, Callable[[Frame], Analysis]] = {}
    thread, process = _Waiting(), _Waiting()
    engine = EngineOptions(runtime=context.runtime)
    with (
        contextlib.closing(_Direct(context)) as direct,
        sonoedge.open(context.bundle, engine) as analyser,
        sonoedge.live(context.bundle, thread, 60_000.0, "thread", engine=engine) as threaded,
        sonoedge.live(context.bundle, process, 60_000.0, engine=engine) as isolated,
    ):
        ways = {
            "in process": analyser.analyse,
            "worker": direct,
            "thread": thread.through(threaded),
            "process": process.through(isolated),
        }
        took: dict[str, list[float]] = {name: [] for name in ways}
        inside: dict[str, list[float]] = {name: [] for name in ways}
        names = list(ways)
        for turn in range(warm_up + turns):
            for offset in range(len(names)):  # who comes first changes: no cache is always warm
                name = names[(turn + offset) % len(names)]
                ms, stages_ms = _timed(ways[name], shown[turn % len(shown)])
                if turn >= warm_up:
                    took[name].append(ms)
                    inside[name].append(stages_ms)
    added = {
        name: [a - b for a, b in zip(took[name], took["in process"], strict=True)]
        for name in ("worker", "thread", "process")
    }
    crossing = [a - b for a, b in zip(took["worker"], inside["worker"], strict=True)]
    between = [a - b for a, b in zip(took["process"], took["thread"], strict=True)]
    rows = (
        ("analyse in process", took["in process"], None),
        ("the same by a worker process", took["worker"], None),
        ("added by isolation: worker above in process", added["worker"], 0.2),
        ("  of that the crossing: worker's call less the time inside it", crossing, None),
        ("submit to callback, engine in a thread", took["thread"], None),
        ("submit to callback, engine in a process", took["process"], None),
        ("  the whole session: process above analyse in process", added["process"], None),
        ("  process above thread", between, None),
    )
    return [quantile(name, samples, 50, "ms", limit) for name, samples, limit in rows]


def _timed(way: Callable[[Frame], Analysis], pixels: Pixels) -> tuple[float, float]:
    began = time.perf_counter_ns()
    result = way(Frame(pixels=pixels))
    ms = (time.perf_counter_ns() - began) / 1e6
    if not isinstance(result, Analysed):
        raise InvalidSettings(f"a picture is not analysed: {result.reasons} {result.detail}")
    return ms, sum(result.stages_ms.values())
