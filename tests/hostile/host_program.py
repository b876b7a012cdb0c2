"""A host whose own objects hold secrets, and everything that may go wrong in a live session."""

from __future__ import annotations

import errno
import logging
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

import sonoedge
from hostile.canaries import SECRET, TINY, pictures
from sonoedge import Frame, FrameMeta
from sonoedge.errors import SonoedgeError
from sonoedge.outputs.jsonl import JsonLines
from sonoedge_bench.reliability.faulty_bundle import first_frame_call, make_faulty_bundle


class Unreadable(FrameMeta):
    """Metadata whose owner raises, with a name in the text."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(f"{SECRET}-metadata: {name}")


def frames() -> list[Frame]:
    """Frames as a host may hand them over, good ones and bad ones."""
    pixels = pictures(6)
    named = FrameMeta(probe=f"{SECRET}-probe", preset=f"{SECRET}-preset", file=f"{SECRET}-file")
    good = [Frame(pixels=p, meta=named, spacing_mm=(0.1, 0.1)) for p in pixels]
    bad: list[Any] = [
        Frame(pixels=pixels[0], meta=f"{SECRET}-meta"),  # type: ignore[arg-type]
        Frame(pixels=pixels[0], meta=object.__new__(Unreadable)),
        Frame(pixels=pixels[0], meta=FrameMeta(invalid=None, probe=SECRET * 40_000)),
        Frame(pixels=pixels[0], captured_ns=f"{SECRET}-time"),  # type: ignore[arg-type]
        Frame(pixels=pixels[0], roi_px=(SECRET, 0, 1, 1)),  # type: ignore[arg-type]
        Frame(pixels=np.array([SECRET])),
        f"{SECRET}-no frame",
    ]
    return good + bad


def callback(analysis: object) -> None:
    raise ValueError(f"{SECRET}-callback")


def drive(bundle: Path, out: Path, audit: str, **more: Any) -> None:
    """One session: all frames on streams with names, and what comes of them, written down."""
    engine = sonoedge.EngineOptions(test_doubles=True)
    with JsonLines(out) as lines:
        try:
            with sonoedge.live(
                bundle, max_age_ms=60_000, engine=engine, audit=audit, **more
            ) as live:
                for number, frame in enumerate(frames()):
                    live.submit(frame, f"{SECRET}-stream{number % 2}")
                    live.drain(10)
                    for stream in range(2):
                        latest = live.latest(f"{SECRET}-stream{stream}")
                        if latest is not None:
                            lines.write(latest)
                            print(type(latest).__name__, getattr(latest, "detail", ""))
                print(live.status())
                worker = live.worker_pid
                if worker is not None:
                    sys.stdout.buffer.write(Path(f"/proc/{worker}/cmdline").read_bytes())
                    os.kill(worker, signal.SIGKILL)
                    time.sleep(0.5)
                try:
                    live.submit(frames()[0], SECRET * 100)
                except SonoedgeError as error:
                    print(error.token)
                print(live.status())
        except SonoedgeError as error:
            print(error.token, error)


def main() -> None:
    """Sessions in which the callback, the guard, the engine and the disk fail in turn."""
    place = Path.cwd()
    logging.basicConfig(level=logging.DEBUG)
    first = first_frame_call(TINY)
    faults: dict[str, list[dict[str, Any]]] = {
        "well": [],
        "raises": [{"kind": "raise", "call": first + 1}],
        "nan": [{"kind": "nan", "call": first + 1}],
        "crashes": [{"kind": "sigsegv", "call": first + 1, "once": str(place.parent / "once")}],
    }
    for name, what in faults.items():
        bundle = make_faulty_bundle(TINY, place / f"faulty-{name}", what)
        more: dict[str, Any] = {"on_analysis": callback} if name == "well" else {}
        drive(bundle, place / f"{name}.jsonl", "audit", **more)
    guard = sonoedge.GuardSettings(probes=("linear",), presets=("breast",))
    drive(place / "faulty-well", place / "guarded.jsonl", "audit", guard=guard)
    write = os.write

    def full(fd: int, data: bytes) -> int:
        if "audit-" in str(Path(f"/proc/self/fd/{fd}").readlink()):
            raise OSError(errno.ENOSPC, f"{SECRET}-disk", f"/{SECRET}")
        return write(fd, data)

    os.write = full
    drive(place / "faulty-well", place / "full.jsonl", "audit")


if __name__ == "__main__":
    main()
