"""The fresh process of a cold start: `python -m sonoedge_bench.modes.cold_start JSON`.

Nothing of sonoedge may be imported before the clock is read.
"""

from __future__ import annotations

import time

_BEGAN = time.monotonic()

import json  # noqa: E402
import sys  # noqa: E402
from typing import Any  # noqa: E402


def main(request: dict[str, Any]) -> dict[str, Any]:
    """Import, open, analyse; milliseconds of each, and where the engine came from."""
    import cv2  # noqa: F401
    import numpy as np

    have_arrays = time.monotonic()
    import sonoedge

    have_sonoedge = time.monotonic()
    with np.load(request["pictures"], allow_pickle=False) as stored:
        pictures = [stored[name] for name in stored.files]
    begin_open = time.monotonic()
    try:
        opened = _opened(sonoedge, request)
    except sonoedge.SonoedgeError as error:
        return {"token": error.token, "message": str(error)}
    with opened as engine:
        ready = time.monotonic()
        durations_ms = []
        first_result = 0.0
        for number in range(1 + request["frames"]):
            frame = sonoedge.Frame(pixels=pictures[number % len(pictures)])
            start = time.monotonic()
            engine.analyse(frame)
            end = time.monotonic()
            first_result = first_result or end
            durations_ms.append(1000 * (end - start))
        memory = _memory(engine.worker)
        origin = engine.origin
    later = durations_ms[1 + len(durations_ms[1:]) // 2 :] or durations_ms[1:] or durations_ms
    steady = float(np.median(later))
    row = {
        "numpy_cv2_ms": 1000 * (have_arrays - _BEGAN),
        "import_ms": 1000 * (have_sonoedge - have_arrays),
        "open_ms": 1000 * (ready - begin_open),
        "first_frame_ms": durations_ms[0],
        "steady_ms": steady,
        "first_over_steady": durations_ms[0] / steady,
    }
    return {"row": row | memory, "origin": origin, "first_result": first_result}


def _opened(sonoedge: Any, request: dict[str, Any]) -> Any:
    engine = sonoedge.EngineOptions(**request["engine"])
    if request["isolation"] == "none":
        return _InProcess(sonoedge.open(request["bundle"], engine))
    from sonoedge_bench.modes.round_trip import RoundTrip

    class Session(RoundTrip):
        """A session with the attributes that both kinds have."""

        @property
        def worker(self) -> int | None:
            return self.worker_pid()

        @property
        def origin(self) -> dict[str, Any]:
            return _plain(self.session.status().origin)

    return Session(
        lambda callback: sonoedge.live(
            request["bundle"],
            callback,
            60_000.0,
            request["isolation"],
            deadline_ms=60_000.0,
            engine=engine,
        )
    )


class _InProcess:
    """An analyser with the attributes that both kinds have."""

    worker = None

    def __init__(self, analyser: Any) -> None:
        self._analyser, self.analyse = analyser, analyser.analyse
        self.origin = _plain(analyser.origin)

    def __enter__(self) -> _InProcess:
        return self

    def __exit__(self, *error: object) -> None:
        self._analyser.close()


def _plain(origin: Any) -> dict[str, Any]:
    names = ("bundle_id", "engine_sha256", "runtime", "precision", "variant")
    return {name: getattr(origin, name) for name in names}


def _memory(worker: int | None) -> dict[str, float | None]:
    """MiB of this process and its worker together."""
    from sonoedge_bench.machine.process import memory

    all_of = [memory(), *([] if worker is None else [memory(worker)])]

    def total(values: list[float | None]) -> float | None:
        values_mib = [v for v in values if v is not None]
        return sum(values_mib) if len(values_mib) == len(values) else None

    return {
        "peak_mib": total([m.peak for m in all_of]),
        "steady_mib": total([m.rss for m in all_of]),
    }


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
