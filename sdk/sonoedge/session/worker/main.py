"""The worker process: it opens the bundle, and answers one question after the other.

All of an analysis happens here, guard and regions too: their native code can crash as
well as an engine's can, the pixels cross once, and only outlines go back.
"""

from __future__ import annotations

import gc
import os
import resource
import socket
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from sonoedge.analyser import Analyser
from sonoedge.errors import SonoedgeError
from sonoedge.session.worker.setup import GoldenChecks, Setup, setup_from
from sonoedge.session.worker.shared_memory import map_for_reading
from sonoedge.session.worker.wire import Message, Unpacker, pack
from sonoedge.session.worker.wire_analysis import analysis_to
from sonoedge.session.worker.wire_frame import frame_from

PIECE = 1 << 14


def main(socket_fd: int, memory_fd: int) -> None:
    """Serve until the session closes its end."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold a patient's picture
    memory = map_for_reading(memory_fd)
    with socket.socket(fileno=socket_fd) as ours:
        unpacker = Unpacker()
        setup: Setup | None = None
        while setup is None:
            for said, _ in _messages(ours, unpacker):
                setup = setup_from(said["setup"])
        try:
            analyser = setup.open()
            golden = GoldenChecks(setup, analyser)
        except SonoedgeError as error:
            ours.sendall(pack({"is": "failed", "token": error.token, "message": str(error)}))
            return
        except Exception as error:  # noqa: BLE001 - told to the session, which raises it
            told = f"{type(error).__name__}: {error}"
            ours.sendall(pack({"is": "failed", "token": SonoedgeError.token, "message": told}))
            return
        gc.collect()
        gc.freeze()  # what is loaded stays: later collections need not look at it
        ready = {"origin": asdict(analyser.origin), "choice": analyser.choice}
        ours.sendall(pack({"is": "ready", "golden": len(golden)} | ready))
        while True:
            for said, block in _messages(ours, unpacker):
                ours.sendall(_answer(said, block, analyser, golden, memory))
                if getattr(analyser.engine, "lost", ""):
                    os._exit(1)  # a GPU's context is gone: only a new process can have another


def _messages(ours: socket.socket, unpacker: Unpacker) -> list[Message]:
    try:
        piece = ours.recv(PIECE)
    except ConnectionError:
        piece = b""
    if not piece:
        os._exit(0)  # the session is gone; an engine's own clean-up can hang
    return unpacker.feed(piece)


def _answer(
    said: Mapping[str, Any],
    block: bytes,
    analyser: Analyser,
    golden: GoldenChecks,
    memory: np.ndarray[Any, np.dtype[np.uint8]],
) -> bytes:
    if not block:
        try:
            golden.check(said["number"])
        except SonoedgeError as error:
            return pack({"is": "golden", "token": error.token, "message": str(error)})
        return pack({"is": "golden", "token": None})
    frame, stream = frame_from(said, block, memory)
    analysis = analyser.analyse(frame, stream=stream)
    return analysis_to(analysis)
