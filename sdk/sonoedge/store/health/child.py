"""The process that tests a bundle: it opens it as a session's worker would, and times it."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import cv2

from sonoedge.analyser import Analyser
from sonoedge.analysis import NotAnalysed
from sonoedge.bundle import Bundle
from sonoedge.errors import EngineFailed, GoldenMismatch, SonoedgeError
from sonoedge.frames import Frame
from sonoedge.provision.timing import timing
from sonoedge.session.worker.setup import setup_from
from sonoedge.settings import plain
from sonoedge.store.health.report import HealthReport


def main(result_fd: str, memory_mib: str, frames: str, setup: str) -> None:
    """Test a bundle, tell what came of it, and end.

    Args:
        result_fd: number of an inherited descriptor: the end of a pipe.
        memory_mib: limit of this process's memory, mebibytes.
        frames: golden frames to time.
        setup: what to open, JSON.
    """
    limit_memory(int(memory_mib))
    cv2.setNumThreads(1)  # as in a session's worker
    answer = tell(lambda: examine(json.loads(setup), int(frames)))
    with os.fdopen(int(result_fd), "wb") as out:
        out.write(json.dumps(answer).encode())
    os._exit(0)  # an engine's own clean-up can hang


def limit_memory(mib: int) -> None:
    """Let allocations fail beyond this; where the device's memory ends, this process goes first."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Not RLIMIT_AS: a GPU's driver reserves address space by the terabyte and touches none of it.
    resource.setrlimit(resource.RLIMIT_DATA, (mib << 20, mib << 20))
    with contextlib.suppress(OSError):  # no /proc: the limit above holds all the same
        Path("/proc/self/oom_score_adj").write_text("1000")


def tell(test: Callable[[], HealthReport]) -> dict[str, Any]:
    """What a test gave, as JSON holds it."""
    try:
        report: dict[str, Any] = plain(test())
    except SonoedgeError as error:
        return {"is": "failed", "token": error.token, "message": str(error)}
    except MemoryError:
        text = "the bundle needs more memory than its self-test may take"
        return {"is": "failed", "token": EngineFailed.token, "message": text}
    except Exception as error:  # noqa: BLE001 - told to whoever asked, who raises it
        text = f"the bundle's self-test failed: {type(error).__name__}: {error}"
        return {"is": "failed", "token": EngineFailed.token, "message": text}
    return {"is": "passed"} | report


def examine(
    setup: Mapping[str, Any], frames: int, clock_ns: Callable[[], int] = time.monotonic_ns
) -> HealthReport:
    """Open a bundle, golden frames and all, and analyse golden frames against the clock.

    Raises:
        SonoedgeError: as `sonoedge.open`.
        GoldenMismatch: a golden frame is not analysed.
    """
    bundle, analyser = setup_from(setup).open()
    with analyser:
        samples_ms = _timed(bundle, analyser, frames, clock_ns)
    times = timing(samples_ms) if samples_ms else None
    return HealthReport(
        variant=analyser.origin.variant,
        runtime=analyser.origin.runtime,
        choice=analyser.choice,
        frames=len(samples_ms),
        p50_ms=None if times is None else times.p50_ms,
        p99_ms=None if times is None else times.p99_ms,
    )


def _timed(
    bundle: Bundle, analyser: Analyser, frames: int, clock_ns: Callable[[], int]
) -> list[float]:
    pictures = bundle.golden_frames()
    warm_up = len(pictures) if frames else 0
    samples_ms = []
    for number in range(warm_up + frames):
        frame = Frame(pixels=pictures[number % len(pictures)])
        stream = f"self-test {number}"  # each a scene of its own: no picture stands still
        start_ns = clock_ns()
        outcome = analyser.analyse(frame, stream=stream)
        if number >= warm_up:
            samples_ms.append((clock_ns() - start_ns) / 1e6)
        if isinstance(outcome, NotAnalysed):
            reasons = ", ".join(reason.value for reason in outcome.reasons)
            raise GoldenMismatch(
                f"a golden frame is not analysed ({reasons}) {outcome.detail}".rstrip()
            )
    return samples_ms
