"""The C client through the service beside a Python session: same frames, in turns."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np

import sonoedge
from sonoedge import EngineOptions, Frame
from sonoedge.errors import EngineFailed
from sonoedge_bench.modes.round_trip import RoundTrip
from sonoedge_bench.modes.schedule import Schedule
from sonoedge_bench.reliability.context import Context, Pixels, resized_frames
from sonoedge_bench.reliability.figures import Figure, quantile
from sonoedge_bench.reliability.service.fields import words
from sonoedge_bench.reliability.service.host import build_host
from sonoedge_bench.reliability.service.serving import LONG_MS, serving

ROUNDS: Final = 3
FPS: Final = 30
WARM_UP: Final = 20
MOST_MS: Final = 0.3  # that the service may cost above a session in Python


def service(context: Context) -> list[Figure]:
    """Each frame goes both ways, half a period apart; who comes first changes."""
    frames = resized_frames(context.bundle)
    count = context.count(300, 30)
    engine = EngineOptions(runtime=context.runtime)
    added, figures, differ = [], [], 0
    with (
        tempfile.TemporaryDirectory() as folder,
        _Host.running(context, Path(folder), frames) as host,
        RoundTrip(
            lambda call: sonoedge.live(context.bundle, call, LONG_MS, engine=engine)
        ) as session,
    ):
        _round(host, session, frames, WARM_UP)
        for number in range(1, ROUNDS + 1):
            through, beside, differences = _round(host, session, frames, count)
            differ += differences
            figures += [
                quantile(f"round {number}: C client through the service", through, 50, "ms"),
                quantile(f"round {number}: Python session", beside, 50, "ms"),
            ]
            added.append(float(np.median(through) - np.median(beside)))
    return [
        *figures,
        quantile("service above session, of the rounds' medians", added, 50, "ms", MOST_MS),
        Figure(name="frames that went both ways", value=ROUNDS * count),
        Figure(name="of those, with a field that differs", value=differ, limit=0),
    ]


class _Host:
    """The host in C, asked for one frame at a time."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    @classmethod
    @contextmanager
    def running(cls, context: Context, folder: Path, frames: list[Pixels]) -> Iterator[_Host]:
        """A host, connected to a service of its own."""
        program, path = build_host(folder), folder / "so.sock"
        (folder / "frames").write_bytes(b"".join(frame.tobytes() for frame in frames))
        height, width, *channels = frames[0].shape
        shape = [str(width), str(height), str(channels[0] if channels else 1)]
        with serving(context.bundle, context.runtime, path):
            command = [str(program), "analyse", str(path), str(folder / "frames"), *shape]
            with subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            ) as process:
                try:
                    yield cls(process)
                finally:
                    process.kill()

    def analyse(self, number: int) -> tuple[float, list[str]]:
        """A frame's round trip in milliseconds, and what came back.

        Raises:
            EngineFailed: nothing did.
        """
        if self._process.stdin is None or self._process.stdout is None:
            raise EngineFailed("the host in C has no pipes")
        self._process.stdin.write(f"{number}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise EngineFailed("the host in C has ended")
        ns, *rest = line.split()
        return int(ns) / 1e6, rest


def _round(
    host: _Host, session: RoundTrip, frames: list[Pixels], count: int
) -> tuple[list[float], list[float], int]:
    """Milliseconds through the service and beside it, and frames whose results differ."""
    through, beside, differ = [], [], 0
    labels = session.session.labels
    schedule = Schedule(first_ns=time.monotonic_ns(), period_ns=10**9 // (2 * FPS), count=2 * count)
    for number in range(count):
        index, told = number % len(frames), dict[bool, list[str]]()
        for turn in range(2):
            by_host = (number + turn) % 2 == 0
            schedule.wait(2 * number + turn, time.monotonic_ns, time.sleep)
            if by_host:
                ms, told[by_host] = host.analyse(index)
                through.append(ms)
            else:
                begin_ns = time.monotonic_ns()
                frame = Frame(pixels=frames[index], captured_ns=begin_ns, spacing_mm=(0.1, 0.1))
                analysis = session.analyse(frame)
                beside.append((time.monotonic_ns() - begin_ns) / 1e6)
                told[by_host] = words(analysis, labels)
        differ += told[True] != told[False]
    return through, beside, differ
