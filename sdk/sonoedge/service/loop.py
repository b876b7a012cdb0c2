"""The service's loop: clients come and go, frames go in, states go out.

One thread reads from all clients, a message from each in turn; results are sent by the
session's thread. The loop never waits for a client, and for nothing longer than `BEAT_MS`.
"""

from __future__ import annotations

import logging
import select
import socket
import struct
import time
from collections.abc import Callable, Sequence
from typing import Final

from sonoedge.analysis import Analysis
from sonoedge.foreign_error import describe_foreign
from sonoedge.service.client import Client, Terms
from sonoedge.service.codes import Refusal
from sonoedge.service.endpoint import Endpoint
from sonoedge.service.incoming import Refused
from sonoedge.service.protocol import MAX_CLIENTS
from sonoedge.service.streams import REST_S, Streams
from sonoedge.session.live import LiveSession
from sonoedge.session.states import Status

BEAT_MS: Final = 20  # so much later than in the session a page may tell of a beat
_PEER: Final = struct.Struct("iII")  # pid, uid, gid

Observer = Callable[[Status], None]
log = logging.getLogger("sonoedge.service")


class Clients:
    """Who is connected, by stream: what the session's thread and the loop share."""

    def __init__(self) -> None:
        self._by_stream: dict[str, Client] = {}

    def deliver(self, analysis: Analysis) -> None:
        """The session's callback: an outcome goes to its client, if that is still there."""
        client = self._by_stream.get(analysis.stream or "")
        if client is not None:
            client.offer(analysis)

    def add(self, stream: str, client: Client) -> None:
        """From now on the stream's outcomes are this client's."""
        self._by_stream[stream] = client

    def remove(self, stream: str) -> None:
        """The client has gone."""
        self._by_stream.pop(stream, None)


class Loop:
    """Serves a session at an endpoint.

    Args:
        clients: whose `deliver` is the session's callback.
        observers: called with the session's status every second, such as metrics.
    """

    def __init__(
        self,
        session: LiveSession,
        endpoint: Endpoint,
        clients: Clients,
        *,
        max_age_ms: float,
        observers: Sequence[Observer] = (),
    ) -> None:
        self._session = session
        self._listener = endpoint.listener
        self._clients = clients
        self._terms = Terms(
            labels=session.labels,
            threshold=session.threshold,
            max_age_ns=round(max_age_ms * 1e6),
        )
        self._observers = observers
        self._failed: set[int] = set()
        # Tracks go by the time of capture, and a frame may be so old when it comes.
        self._streams = Streams(max(REST_S, (session.track_gap_ms + max_age_ms) / 1e3))
        self._names: dict[Client, str] = {}
        self._connected: dict[int, Client] = {}
        self._poll = select.poll()
        self._poll.register(self._listener, select.POLLIN)
        self._next_beat_s = self._next_second_s = 0.0

    def run(self, goes_on: Callable[[], bool] = lambda: True) -> None:
        """Serve for as long as `goes_on` says so; all clients are told of the end."""
        try:
            while goes_on():
                wait_ms = (self._next_beat_s - time.monotonic()) * 1e3
                for fd, events in self._poll.poll(max(0.0, wait_ms)):
                    if fd == self._listener.fileno():
                        self._accept()
                    elif (client := self._connected.get(fd)) is not None:
                        self._serve(client, events)
                if time.monotonic() >= self._next_beat_s:
                    self._beat()
        finally:
            for client in list(self._connected.values()):
                self._drop(client, Refused(Refusal.CLOSING, "the service ends"))

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError as error:  # it went again, or no descriptor is left: the next one may come
            log.warning("cannot accept a connection: %s", error.strerror)
            time.sleep(0.001)
            return
        client = Client(connection, self._session, self._terms, self._admit)
        if len(self._connected) >= MAX_CLIENTS:
            client.refuse(Refused(Refusal.TOO_MANY_CLIENTS, f"{MAX_CLIENTS} are connected"))
            client.close()
            return
        pid, uid, _ = _PEER.unpack(
            connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
        )
        log.info("a client has connected: process %d of user %d", pid, uid)
        self._connected[client.fileno()] = client
        self._poll.register(client, select.POLLIN)

    def _admit(self, client: Client, name: str) -> str:
        self._sweep(but=client)  # whoever had the name may have gone in this very moment
        self._names[client], stream = self._streams.take(name)
        self._clients.add(stream, client)
        return stream

    def _serve(self, client: Client, events: int) -> None:
        refusal, here = None, True
        try:
            if events & select.POLLIN:
                here = client.receive()
            elif events & (select.POLLHUP | select.POLLERR | select.POLLNVAL):
                here = False
        except Refused as error:
            # Its traceback would hold the message's frame, and the ring, until a collection.
            refusal = error.with_traceback(None)
        except Exception as error:  # noqa: BLE001 - one client's message ends no other's service
            log.error("a client's message failed: %s", describe_foreign(error))
            refusal = Refused(Refusal.INTERNAL_ERROR, "see the service's log")
        if refusal is not None or not here or client.broken:
            self._drop(client, refusal)

    def _beat(self) -> None:
        """Each client hears how the session stands, and each second the observers do."""
        now_s = time.monotonic()
        self._next_beat_s = now_s + BEAT_MS / 1e3
        status = self._session.status()
        for client in list(self._connected.values()):
            try:
                client.tell(status)
            except Refused as refusal:
                self._drop(client, refusal)
        self._sweep()
        if now_s >= self._next_second_s:
            self._next_second_s = now_s + 1.0
            for number, observe in enumerate(self._observers):
                try:
                    observe(status)
                except Exception as error:  # noqa: BLE001 - who looks on ends no service
                    if number not in self._failed:
                        log.error("an observer failed: %s", describe_foreign(error))
                    self._failed.add(number)

    def _sweep(self, but: Client | None = None) -> None:
        """Drop whoever has gone."""
        gone = select.poll()
        for client in self._connected.values():
            gone.register(client, 0)  # hang-ups and errors alone
        left = {fd for fd, _ in gone.poll(0)}
        for fd, client in list(self._connected.items()):
            if client is not but and (fd in left or client.broken):
                self._drop(client, None)

    def _drop(self, client: Client, refusal: Refused | None) -> None:
        if refusal is not None:
            log.warning("a client is dropped: %s: %s", refusal.token.name, refusal)
            client.refuse(refusal)
        fd = client.fileno()
        self._poll.unregister(fd)
        del self._connected[fd]
        if client.stream is not None:
            self._clients.remove(client.stream)
        if client in self._names:
            self._streams.give_back(self._names.pop(client), had_frames=client.had_frames)
        client.close()
