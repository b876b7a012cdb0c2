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
from sonoedge.frames import Frame
from sonoedge.igtl.checksum import crc64
from sonoedge.loopback import HOST, check_port
from sonoedge.sinks.igtl_peer import Peer
from sonoedge.sinks.newest import Newest

_PEERS: Final = 4
_STALE_S: Final = 1.0


class IgtlServer(Closing):
    """Listens, and tells each peer the newest result.

    Args:
        port: to listen on; 0 takes a free one, see `port`.
        bind: the address to listen on. Whoever can reach it sees results: the protocol
            knows no passwords and no encryption.
        stale_s: without a new analysis for so long, peers are told that there is none.
        pictures: send each frame as well, its regions drawn in, see `submitted`.

    Attributes:
        port: where it listens.

    Raises:
        MissingDependency: the extra `igtl` is not installed.
        InvalidSettings: there is no such port.
        OutputError: it cannot listen there.
    """

    def __init__(
        self, port: int, bind: str = HOST, *, stale_s: float = _STALE_S, pictures: bool = False
    ) -> None:
        crc64()
        check_port(port)
        try:
            self._socket = socket.create_server((bind, port), backlog=_PEERS)
        except OSError as error:
            raise OutputError(
                f"OpenIGTLink cannot listen on {bind}:{port}: {_reason(error)}; give another "
                "port, or an address of this machine"
            ) from None
        self.port: int = self._socket.getsockname()[1]
        self._newest = Newest(stale_s, pictures=pictures)
        self._closed = False
        self._peers: tuple[Peer, ...] = ()
        self._thread = threading.Thread(target=self._accept, name="sonoedge-igtl", daemon=True)
        self._thread.start()

    def submit(self, analysis: Analysis) -> None:
        """Leave an analysis for the peers; returns at once. A newer one takes its place."""
        if self._newest.add(analysis):
            self._wake()

    def submitted(self, frame_id: int, frame: Frame) -> None:
        """Leave a frame, by the id that it was given, for the picture of its analysis.

        It is kept as it is: nobody may write to its pixels from now on. Without `pictures` it is
        not kept.
        """
        if self._newest.add_frame(frame_id, frame):
            self._wake()

    def lost(self, token: str) -> None:
        """Tell that there is no picture, such as with SOURCE_LOST; repeating it costs nothing."""
        if self._newest.add_nothing(token):
            self._wake()

    def close(self) -> None:
        """Leave the peers. Closing twice is harmless."""
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(OSError):  # ends accept() on the other thread
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(2.0)
        self._wake()
        for peer in self._peers:
            peer.join(2.0)

    def _wake(self) -> None:
        for peer in self._peers:
            peer.wake()

    def _accept(self) -> None:
        while True:
            try:
                link, _ = self._socket.accept()
            except OSError:
                if self._closed:
                    return
                time.sleep(0.1)  # such as out of descriptors: others may give some back
                continue
            alive = tuple(peer for peer in self._peers if peer.is_alive())
            if len(alive) >= _PEERS or self._closed:
                link.close()
                continue
            try:
                peer = Peer(link, self._newest, lambda: self._closed)
            except OSError:
                link.close()
                continue
            self._peers = (*alive, peer)  # first, so that it misses no call
            peer.start()


def _reason(error: OSError) -> str:
    """The system's words; `create_server` adds the address, which is said already."""
    return str(error.strerror).partition(" (while")[0]
