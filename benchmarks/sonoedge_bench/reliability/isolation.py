"""What it costs to have the engine in another process."""

from __future__ import annotations

import contextlib
import select
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
from sonoedge_bench.modes.round_trip import RoundTrip
from sonoedge_bench.reliability.context import Context, Pixels, resized_frames
from sonoedge_bench.reliability.drive import wait_until
from sonoedge_bench.reliability.figures import Figure, quantile


class _Direct:
    """A worker called from this thread: it costs the crossing to a process and nothing else."""

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
    bundle, frames = context.bundle, resized_frames(context.bundle)
    turns, warm_up = context.count(1000, 40), 20
    routes: dict[str, Callable[[Frame], Analysis]] = {}
    engine = EngineOptions(runtime=context.runtime)
    with (
        contextlib.closing(_Direct(context)) as direct,
        sonoedge.open(bundle, engine) as analyser,
        RoundTrip(lambda f: sonoedge.live(bundle, f, 60_000.0, "thread", engine=engine)) as thread,
        RoundTrip(lambda f: sonoedge.live(bundle, f, 60_000.0, engine=engine)) as process,
    ):
        routes = {
            "in process": analyser.analyse,
            "worker": direct,
            "thread": thread.analyse,
            "process": process.analyse,
        }
        durations_ms: dict[str, list[float]] = {name: [] for name in routes}
        engine_side_ms: dict[str, list[float]] = {name: [] for name in routes}
        names = list(routes)
        for turn in range(warm_up + turns):
            for offset in range(len(names)):  # who comes first changes: no cache is always warm
                name = names[(turn + offset) % len(names)]
                ms, stages_ms = _timed(routes[name], frames[turn % len(frames)])
                if turn >= warm_up:
                    durations_ms[name].append(ms)
                    engine_side_ms[name].append(stages_ms)
    added = {
        name: [a - b for a, b in zip(durations_ms[name], durations_ms["in process"], strict=True)]
        for name in ("worker", "thread", "process")
    }
    crossing = [
        a - b for a, b in zip(durations_ms["worker"], engine_side_ms["worker"], strict=True)
    ]
    between = [a - b for a, b in zip(durations_ms["process"], durations_ms["thread"], strict=True)]
    rows = (
        ("analyse in process", durations_ms["in process"], None),
        ("the same by a worker process", durations_ms["worker"], None),
        ("added by isolation: worker above in process", added["worker"], 0.2),
        ("  of that the crossing: worker's call less the time inside it", crossing, None),
        ("submit to callback, engine in a thread", durations_ms["thread"], None),
        ("submit to callback, engine in a process", durations_ms["process"], None),
        ("  the whole session: process above analyse in process", added["process"], None),
        ("  process above thread", between, None),
    )
    return [quantile(name, samples, 50, "ms", limit) for name, samples, limit in rows]


def _timed(route: Callable[[Frame], Analysis], pixels: Pixels) -> tuple[float, float]:
    start = time.perf_counter_ns()
    result = route(Frame(pixels=pixels))
    ms = (time.perf_counter_ns() - start) / 1e6
    if not isinstance(result, Analysed):
        raise InvalidSettings(f"a picture is not analysed: {result.reasons} {result.detail}")
    return ms, sum(result.stages_ms.values())
