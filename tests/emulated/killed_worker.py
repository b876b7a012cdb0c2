"""A live session whose worker is killed: what it answers before, meanwhile and after, as JSON.

python tests/emulated/killed_worker.py > answers.json
"""

from __future__ import annotations

import json
import os
import platform
import signal
import sys
from pathlib import Path

import sonoedge
from sonoedge import Analysis, EngineOptions, Frame, NotAnalysed, State
from sonoedge.session import LiveSession
from sonoedge_bench.reliability.drive import speckle, wait_until

TINY = Path(__file__).resolve().parents[1] / "data" / "tiny"
LONG_S = 300.0  # a worker starts in 20 s under emulation, on cores that do nothing else
ENGINE = EngineOptions(runtime="onnxruntime", threads=1)


def answer(session: LiveSession) -> dict[str, object]:
    """Of a frame with a dark square."""
    pixels = speckle(1).copy()
    pixels[30:70, 40:90] = 20
    session.submit(Frame(pixels=pixels))
    assert session.drain(LONG_S)
    found: Analysis | None = session.latest()
    assert found is not None
    if isinstance(found, NotAnalysed):
        return {"reasons": [reason.value for reason in found.reasons]}
    return {"flagged": found.flagged, "boxes": [list(region.box_px) for region in found.regions]}


def main() -> None:
    age_ms = 1e3 * LONG_S
    with sonoedge.live(TINY, max_age_ms=age_ms, engine=ENGINE, start_timeout_s=LONG_S) as session:
        said: dict[str, object] = {"machine": platform.machine(), "before": answer(session)}
        killed = session.worker_pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        said["meanwhile"] = answer(session)
        assert wait_until(lambda: session.worker_pid not in (None, killed), LONG_S)
        assert wait_until(lambda: session.status().state is State.READY, LONG_S)
        said["after"] = answer(session)
        said["balanced"] = session.status().counters.balanced
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
