"""The reader's process: it opens the file that it is told, and sends its pictures.

It decodes ahead by as many pictures as the shared memory has slots, and waits for the
host to free one.
"""

from __future__ import annotations

import os
import socket
import warnings
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from sonoedge.errors import SonoedgeError, SourceError
from sonoedge.sources.child.limits import allow_cpu, limit_this_process
from sonoedge.sources.child.memory import SLOTS, Slots
from sonoedge.sources.child.wire import (
    LONGEST,
    failed_to,
    opened_to,
    pack,
    picture_to,
    unpack,
)
from sonoedge.sources.formats import load
from sonoedge.sources.picture import Contents


def main(socket_fd: int, memory_fd: int, memory_mib: int, cpu_s: int, file_mib: int = 0) -> None:
    """Serve until the host closes its end."""
    limit_this_process(memory_mib, file_mib)
    warnings.simplefilter("ignore")  # they may quote a file's values
    slots = Slots(memory_fd, writable=True)
    with socket.socket(fileno=socket_fd) as host:
        server = _Server(host, slots, cpu_s)
        while True:
            server.serve(_receive(host))


class _Server:
    def __init__(self, host: socket.socket, slots: Slots, cpu_s: int) -> None:
        self._host, self._slots, self._cpu_s = host, slots, cpu_s
        self._free = list(range(SLOTS))
        self._contents: Contents | None = None

    def serve(self, request: Mapping[str, Any]) -> None:
        if "free" in request:
            self._free.append(request["free"])
            return
        name = request["name"]
        try:
            if request["do"] == "open":
                self._open(request)
            else:
                self._read()
        except SonoedgeError as error:
            self._host.sendall(failed_to(error))
        except MemoryError:
            text = f"{name} needs more memory to decode than its process may take"
            self._host.sendall(failed_to(SourceError(text)))
        except Exception as error:  # noqa: BLE001  told to the host, which raises it
            # Its text may quote values of the file; the type cannot.
            text = f"{name} cannot be decoded; is it complete? ({type(error).__name__})"
            self._host.sendall(failed_to(SourceError(text)))

    def _open(self, request: Mapping[str, Any]) -> None:
        allow_cpu(self._cpu_s)
        if self._contents is not None:
            self._contents.close()
            self._contents = None
        self._contents = load(request["reader"])(Path(request["path"]))
        self._host.sendall(opened_to(self._contents))

    def _read(self) -> None:
        assert self._contents is not None
        with closing(self._contents.pictures()) as pictures:
            while True:
                allow_cpu(self._cpu_s)
                picture = next(pictures, None)
                if picture is None:
                    break
                while not self._free:
                    self._free.append(_receive(self._host)["free"])
                slot = self._free.pop()
                self._slots.put(slot, picture.pixels)
                self._host.sendall(picture_to(picture, slot))
        self._host.sendall(pack({"is": "end"}))


def _receive(host: socket.socket) -> Mapping[str, Any]:
    try:
        data = host.recv(LONGEST)
    except ConnectionError:
        data = b""
    if not data:
        os._exit(0)  # the host is gone, or done; a decoder's own clean-up can hang
    return unpack(data)
