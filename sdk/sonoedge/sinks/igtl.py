"""Results to OpenIGTLink clients, such as 3D Slicer: a server on a port of its own.

Whoever gives an analysis only leaves it here. Each peer has a thread, which sends the newest one
that it has not sent; a peer that does not read loses what comes meanwhile, then its connection.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Final

from sonoedge.analysis import Analysis
from sonoedge.closing import Closing
from sonoedge.errors import OutputError
from sonoedge.igtl.checksum import crc64
from sonoedge.loopback import HOST, check_port
from sonoedge.sinks.bulletin import Bulletin, bulletin, not_analysed
from sonoedge.sinks.igtl_peer import Peer

_PEERS: Final = 4
_STALE_S: Final = 1.0


class IgtlServer(Closing):
    """Listens, and tells each peer the newest result.

    Args:
        port: to listen on; 0 takes a free one, see `port`.
        bind: the address to listen on. Whoever can reach it sees results: the protocol
            knows no passwords and no encryption.
        stale_s: without a new analysis for so long, peers are told that there is none.

    Attributes:
        port: where it listens.

    Raises:
        MissingDependency: the extra `igtl` is not installed.
        InvalidSettings: there is no such port.
        OutputError: it cannot listen there.
    """

    def __init__(self, port: int, bind: str = HOST, *, stale_s: float = _STALE_S) -> None:
        crc64()
        check_port(port)
        try:
            self._socket = socket.create_server((bind, port), backlog=_PEERS)
        except OSError as error:
            raise OutputError(
                f"OpenIGTLink cannot listen on {bind}:{port}: {error.strerror}; give another "
                "port, or an address of this machine"
            ) from None
        self.port: int = self._socket.getsockname()[1]
        self._fresh = threading.Condition()
        self._newest: Analysis | Bulletin = not_analysed("STARTING", "no frame was analysed yet")
        self._number, self._at_s = 1, time.monotonic()
        self._stale_s, self._closed = stale_s, False
        self._peers: list[Peer] = []
        self._thread = threading.Thread(target=self._accept, name="sonoedge-igtl", daemon=True)
        self._thread.start()

    def submit(self, analysis: Analysis) -> None:
        """Leave an analysis for the peers; returns at once. A newer one takes its place."""
        self._leave(analysis)

    def lost(self, token: str, why: str) -> None:
        """Tell that there is no picture, such as with SOURCE_LOST; repeating it costs nothing."""
        with self._fresh:
            newest = self._newest
        if not (isinstance(newest, Bulletin) and newest.name == token):
            self._leave(not_analysed(token, f"{token} {why}".strip()))

    def close(self) -> None:
        """Leave the peers. Closing twice is harmless."""
        with self._fresh:
            if self._closed:
                return
            self._closed = True
            self._fresh.notify_all()
        with contextlib.suppress(OSError):  # ends accept() on the other thread
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(2.0)
        for peer in self._peers:
            peer.join(2.0)

    def newer(self, than: int, wait_s: float) -> tuple[int, Bulletin] | None:
        """For the peers' threads: the newest number and bulletin, where there is a newer one."""
        with self._fresh:
            if self._number == than and not self._closed:
                self._fresh.wait(wait_s)
            stale = time.monotonic() - self._at_s > self._stale_s
            if stale and not isinstance(self._newest, Bulletin):
                self._newest = not_analysed("STALE", f"STALE: no result for {self._stale_s:g} s")
                self._number += 1
                self._fresh.notify_all()
            if self._number == than:
                return None
            number, newest = self._number, self._newest
        return number, newest if isinstance(newest, Bulletin) else bulletin(newest)

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    def _leave(self, what: Analysis | Bulletin) -> None:
        with self._fresh:
            self._newest, self._at_s = what, time.monotonic()
            self._number += 1
            self._fresh.notify_all()

    def _accept(self) -> None:
        while True:
            try:
                link, _ = self._socket.accept()
            except OSError:
                if self.closed:
                    return
                time.sleep(0.1)  # such as out of descriptors: others may give some back
                continue
            self._peers = [peer for peer in self._peers if peer.is_alive()]
            if len(self._peers) >= _PEERS or self._closed:
                link.close()
                continue
            peer = Peer(link, self)
            self._peers.append(peer)
            peer.start()
