"""The process that analyses items, one after the other: what kills it costs one item.

It reads a line of JSON for each item, and writes one when it has begun and one when it is done.
An error of this machine (a package is missing, the disk is full) is told as such, and is never
an item's result.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any, BinaryIO

import cv2

from sonoedge.archive.items import Item
from sonoedge.archive.job import Job, digest, identity
from sonoedge.archive.parts import Parts
from sonoedge.archive.screening import Screener
from sonoedge.engines import open as opening
from sonoedge.engines.options import EngineOptions
from sonoedge.errors import EngineFailed, SonoedgeError
from sonoedge.foreign_error import describe_foreign
from sonoedge.sources.child.reader import ChildReader


def main(job_text: str, answers_fd: str, items_fd: str) -> None:
    """Serve until the host closes its end.

    Args:
        job_text: the job, JSON.
        answers_fd, items_fd: numbers of inherited descriptors: where answers go, and where
            items come from. Standard output is anybody's: decoders print there.
    """
    answers = os.fdopen(int(answers_fd), "wb", buffering=0)
    items = os.fdopen(int(items_fd), "rb")
    os.dup2(2, 1)
    cv2.setNumThreads(1)
    job = Job.from_json(job_text)
    try:
        # One thread: there are as many of these processes as cores.
        options = EngineOptions(variant=job.variant, threads=1)
        analyser = opening.open(job.bundle, options)
        run = identity(analyser.origin, follow=job.follow)
    except SonoedgeError as error:
        _tell(answers, {"is": "refused", "token": error.token, "message": str(error)})
        os._exit(1)
    _tell(answers, {"is": "ready", "identity": run})
    with ChildReader() as reader:
        parts = Parts(Path(job.out), digest(run))
        screener = Screener(job, parts, analyser, reader)
        for line in items:
            _tell(answers, _answer(Item.from_json(line.decode()), screener, answers))
    sys.stdout.flush()
    os._exit(0)  # an engine's own clean-up can hang


def _answer(item: Item, screener: Screener, answers: BinaryIO) -> dict[str, Any]:
    def begun(sha256: str, size: int) -> None:
        _tell(answers, {"is": "begun", "sha256": sha256, "bytes": size})

    try:
        done = screener.screen(item, begun)
    except EngineFailed as error:
        return {"is": "failed", "message": str(error)}
    except SonoedgeError as error:
        return {"is": "machine", "token": error.token, "message": str(error)}
    except OSError as error:
        message = f"a part cannot be written: {error.strerror or type(error).__name__}"
        return {"is": "machine", "token": "OUTPUT_ERROR", "message": message}
    except Exception as error:  # noqa: BLE001  one item's, and told as such
        return {"is": "failed", "message": describe_foreign(error)}
    return {"is": "done", "done": done.to_json()}


def _tell(answers: BinaryIO, message: dict[str, Any]) -> None:
    data = json.dumps(message, separators=(",", ":")).encode() + b"\n"
    with contextlib.suppress(BrokenPipeError):  # the host is gone: the next read ends this
        while data:
            data = data[answers.write(data) or 0 :]
