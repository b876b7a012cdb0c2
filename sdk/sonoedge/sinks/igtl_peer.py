"""One OpenIGTLink client of ours: what it is sent, and what its headers tell of it."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import Final

from sonoedge.errors import StreamRefused
from sonoedge.igtl.message import HEADER, header_from
from sonoedge.igtl.outgoing import Version
from sonoedge.sinks.newest import Newest

_SEND_S: Final = 0.5
_MOST_SENT_TO_US: Final = 64 << 10  # nothing that a client says to us is larger
_BUFFER: Final = 256 << 10


class Heard:
    """What a client's headers tell of it; the bodies are skipped."""

    def __init__(self) -> None:
        self.version: Version = 1
        self._head = bytearray()
        self._skip = 0

    def take(self, data: bytes) -> None:
        """Take what has come.

        Raises:
            StreamRefused: it is no OpenIGTLink, or larger than what a client has to say.
        """
        while data:
            if self._skip:
                skipped = min(self._skip, len(data))
                self._skip -= skipped
                data = data[skipped:]
                continue
            missing = HEADER.size - len(self._head)
            self._head += data[:missing]
            data = data[missing:]
            if len(self._head) == HEADER.size:
                header = header_from(self._head)
                self._head.clear()
                if header.body_bytes > _MOST_SENT_TO_US:
                    raise StreamRefused("BODY_TOO_LARGE", "a client has nothing so long to say")
                self._skip = header.body_bytes
                if header.version >= 2:
                    self.version = 2


class Peer(threading.Thread):
    """Sends the newest bulletin to one client until it leaves, or does not read.

    It is sent headers of version 1 until it has sent one of version 2: a reader of version 1
    loses its place in the stream for ever at the first message of version 2.
    """

    def __init__(self, link: socket.socket, newest: Newest, has_ended: Callable[[], bool]) -> None:
        super().__init__(name="sonoedge-igtl-peer", daemon=True)
        self._link, self._newest, self._has_ended = link, newest, has_ended
        self._heard = Heard()
        self._bell, self._rope = socket.socketpair()
        for end in (self._bell, self._rope):
            end.setblocking(False)

    def wake(self) -> None:
        """Let it look whether there is something newer, or an end. Never waits."""
        with contextlib.suppress(OSError):  # full: it is awake; closed: it has left
            self._rope.send(b"!")

    def run(self) -> None:
        """The thread."""
        with self._link as link, self._bell, self._rope:
            try:
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                # What lies in buffers is old by the time that a slow peer reads it.
                link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
                self._serve(link)
            except (OSError, StreamRefused):
                return  # it has left, does not read, or sends nonsense: it may come again

    def _serve(self, link: socket.socket) -> None:
        sent = 0
        poll = select.poll()
        for end in (link, self._bell):
            poll.register(end, select.POLLIN)
        while not self._has_ended():
            newer = self._newest.than(sent)
            if newer is not None:
                sent, bulletin = newer
                _send(link, bulletin.messages(self._heard.version), time.monotonic() + _SEND_S)
            left_s = self._newest.left_s()
            poll.poll(None if left_s is None else max(0.0, left_s) * 1e3 + 1)
            self._listen(link)
            with contextlib.suppress(BlockingIOError):
                self._bell.recv(4096)

    def _listen(self, link: socket.socket) -> None:
        """Read what has come, for the version of its headers; bodies are skipped.

        Raises:
            OSError: it has left.
            StreamRefused: it is no OpenIGTLink, or larger than what a client has to say.
        """
        link.settimeout(0)
        for _ in range(64):
            try:
                data = link.recv(4096)
            except BlockingIOError:
                return
            if not data:
                raise ConnectionResetError
            self._heard.take(data)


def _send(link: socket.socket, data: bytes, until_s: float) -> None:
    """Send all of it before a moment of the monotonic clock; `sendall` counts per part."""
    rest = memoryview(data)
    while rest:
        left_s = until_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        link.settimeout(left_s)
        rest = rest[link.send(rest) :]
