"""The worker process: it opens the bundle, and answers one question after the other.

All of an analysis happens here, guard and regions too: their native code can crash as
well as an engine's can, the pixels cross once, and only outlines go back.
"""

from __future__ import annotations

import gc
import os
import resource
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import cv2
import numpy as np

from sonoedge.analyser import Analyser
from sonoedge.errors import SonoedgeError
from sonoedge.session.describing_thread import DescribingThread
from sonoedge.session.worker.setup import GoldenChecks, Setup, setup_from
from sonoedge.session.worker.shared_memory import map_for_reading
from sonoedge.session.worker.wire import Message, Unpacker, pack
from sonoedge.session.worker.wire_analysis import analysis_to
from sonoedge.session.worker.wire_frame import frame_from

PIECE = 1 << 14


def main(socket_fd: str, memory_fd: str) -> None:
    """Serve until the session closes its end.

    Args:
        socket_fd, memory_fd: numbers of inherited descriptors, as text.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold a patient's picture
    cv2.setNumThreads(1)  # pictures are small: OpenCV's pool would only disturb the engine's
    memory = map_for_reading(int(memory_fd))
    with socket.socket(fileno=int(socket_fd)) as connection:
        unpacker = Unpacker()
        setup: Setup | None = None
        while setup is None:
            for header, _ in _messages(connection, unpacker):
                setup = setup_from(header["setup"])
        try:
            bundle, analyser = setup.open()
            golden = GoldenChecks(bundle, analyser)
        except SonoedgeError as error:
            connection.sendall(pack({"is": "failed", "token": error.token, "message": str(error)}))
            return
        except Exception as error:  # noqa: BLE001 - told to the session, which raises it
            message = f"{type(error).__name__}: {error}"
            connection.sendall(
                pack({"is": "failed", "token": SonoedgeError.token, "message": message})
            )
            return
        gc.collect()
        gc.freeze()  # what is loaded stays: later collections need not look at it
        greeting = {"origin": asdict(analyser.origin), "choice": analyser.choice}
        connection.sendall(pack({"is": "ready", "golden": len(golden)} | greeting))
        sending = threading.Lock()  # of two threads: a message is not cut by another
        words: Callable[[Mapping[str, Any], bytes], None] | None = None
        while True:
            for header, block in _messages(connection, unpacker):
                if "region" in header:
                    words = words or _describer(connection, sending, analyser, memory)
                    words(header, block)
                    continue
                _send(connection, sending, _answer(header, block, analyser, golden, memory))
                if getattr(analyser.engine, "lost", ""):
                    os._exit(1)  # a GPU's context is gone: only a new process can have another


def _describer(
    connection: socket.socket,
    sending: threading.Lock,
    analyser: Analyser,
    memory: np.ndarray[Any, np.dtype[np.uint8]],
) -> Callable[[Mapping[str, Any], bytes], None]:
    """What takes messages of regions, and answers them from a thread of its own."""
    from sonoedge.session.worker.wire_region import description_to, region_from

    thread = DescribingThread(
        analyser.describe, lambda told: _send(connection, sending, description_to(told))
    )
    return lambda header, block: thread.ask(*region_from(header, block, memory))


def _send(connection: socket.socket, sending: threading.Lock, message: bytes) -> None:
    with sending:
        connection.sendall(message)


def _messages(connection: socket.socket, unpacker: Unpacker) -> list[Message]:
    try:
        piece = connection.recv(PIECE)
    except ConnectionError:
        piece = b""
    if not piece:
        os._exit(0)  # the session is gone; an engine's own clean-up can hang
    return unpacker.feed(piece)


def _answer(
    header: Mapping[str, Any],
    block: bytes,
    analyser: Analyser,
    golden: GoldenChecks,
    memory: np.ndarray[Any, np.dtype[np.uint8]],
) -> bytes:
    if not block:
        try:
            golden.check(header["number"])
        except SonoedgeError as error:
            return pack({"is": "golden", "token": error.token, "message": str(error)})
        return pack({"is": "golden", "token": None})
    frame, stream = frame_from(header, block, memory)
    analysis = analyser.analyse(frame, stream=stream)
    return analysis_to(analysis)
