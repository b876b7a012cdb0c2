"""The child process: reads a request from a folder, leaves engine, log and outcome there."""

from __future__ import annotations

import json
import os
import platform
import resource
import time
from pathlib import Path
from typing import TextIO

from sonoedge.errors import SonoedgeError
from sonoedge_runtimes.trt_build.compile import Log, Request, compile_engine
from sonoedge_runtimes.trt_build.load import load_tensorrt


def main(folder: str, progress_fd: str) -> None:
    """Build; the outcome is in outcome.json, also where it is an error of ours.

    Args:
        progress_fd: the number of an inherited descriptor, as text.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    place = Path(folder)
    try:
        outcome = _build(place, int(progress_fd))
    except SonoedgeError as error:
        outcome = {"token": error.token, "message": str(error)}
    (place / "outcome.json").write_text(json.dumps(outcome))


def _build(place: Path, progress_fd: int) -> dict[str, object]:
    request = Request(**json.loads((place / "request.json").read_text()))
    stored = place / "timing.cache"
    with (place / "log.jsonl").open("w", buffering=1, encoding="utf-8") as file:
        # Line by line: what was said before a crash must be on disk.
        log = Log(lambda severity, message: _write(file, severity, message))
        trt = load_tensorrt(request.flavour)
        start_s = time.monotonic()
        engine, cache = compile_engine(
            trt,
            request,
            (place / "graph.onnx").read_bytes(),
            stored.read_bytes() if stored.exists() else b"",
            log,
            lambda line: _say(progress_fd, line),
        )
        seconds = time.monotonic() - start_s
    (place / "engine").write_bytes(engine)
    if cache:
        stored.write_bytes(cache)
    versions = {request.flavour: trt.__version__, "python": platform.python_version()}
    return {"versions": versions, "seconds": seconds}


def _write(file: TextIO, severity: str, message: str) -> None:
    file.write(json.dumps([severity, message]) + "\n")


def _say(fd: int, line: str) -> None:
    os.write(fd, (line.replace("\n", " ")[:200] + "\n").encode())
