"""One client's connection: hello, frames, acknowledgements, the newest result, refusal."""

from __future__ import annotations

import array
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sonoedge.analysis import Analysis, NotAnalysed, Origin, Reason
from sonoedge.closing import Closing
from sonoedge.frames import Frame
from sonoedge.service import outgoing
from sonoedge.service.codes import STATES, Refusal
from sonoedge.service.incoming import Refused, kind_of, read_ack, read_frame, read_hello
from sonoedge.service.protocol import ACK, FRAME, HELLO_S, MAX_MESSAGE
from sonoedge.service.ring import Ring, StatusPage
from sonoedge.session.live import LiveSession
from sonoedge.session.states import Status

_LONGEST: Final = 4096  # bytes; no message of a client is longer
_LATE: Final = -1  # in place of the session's id, of a frame that it never got
_NO_ORIGIN: Final = Origin(bundle_id="", engine_sha256="", runtime="", precision="", variant="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is the same for every client.

    Attributes:
        labels, threshold: see `LiveSession`.
        max_age_ns: a result is valid for so long after capture.
    """

    labels: tuple[str, ...]
    threshold: float
    max_age_ns: int


@dataclass(frozen=True, slots=True)
class _Open:
    """A frame that has no result yet, as the client knows it."""

    seq: int
    frame_id: int


class Client(Closing):
    """A connection. `offer` is called by the session's thread, everything else by the loop's.

    Only the loop closes the socket: whoever sends does so under the lock, so that no number of
    a closed descriptor, which may be another client's by then, is ever written to.

    Args:
        admit: gives the session's stream for a name.

    Attributes:
        stream: the session's; None before hello.
        broken: the connection is to be dropped: its other end has gone, or does not read.
        had_frames: a frame of its went to the session.
    """

    def __init__(
        self,
        connection: socket.socket,
        session: LiveSession,
        terms: Terms,
        admit: Callable[[Client, str], str],
    ) -> None:
        connection.setblocking(False)
        self._socket = connection
        self._session, self._terms, self._admit = session, terms, admit
        self._lock = threading.Lock()
        self._buffer = memoryview(bytearray(_LONGEST))
        self._hello_until_s = time.monotonic() + HELLO_S
        self.stream: str | None = None
        self.broken = self.had_frames = False
        self._ring: Ring | None = None
        self._page: StatusPage | None = None
        self._open: dict[int, _Open] = {}
        self._held: tuple[Analysis, _Open] | None = None  # a result that waits
        self._seq = 0
        self._number = self._acknowledged = 0
        self._result_number = self._state_number = 0  # of the last one that was sent
        self._told: object = None

    def fileno(self) -> int:
        """The socket's descriptor; -1 after closing."""
        return self._socket.fileno()

    def receive(self) -> bool:
        """Take one message; False where the client has gone.

        Raises:
            Refused: the connection is to be ended.
        """
        try:
            # Without room for them the kernel closes descriptors that are sent to us.
            count, _, flags, _ = self._socket.recvmsg_into([self._buffer])
        except BlockingIOError:
            return True
        except OSError:
            return False
        if flags & socket.MSG_CTRUNC:
            raise Refused(Refusal.DESCRIPTORS_REFUSED, "a client must not send descriptors")
        if flags & socket.MSG_TRUNC:
            raise Refused(Refusal.MESSAGE_TOO_LONG, f"a message has more than {_LONGEST} bytes")
        if count == 0:
            return False
        message = self._buffer[:count]
        if self.stream is None or self._ring is None:
            self._greet(message)
        elif kind_of(message) == FRAME.kind:
            self._frame(message, self.stream, self._ring)
        elif kind_of(message) == ACK.kind:
            self._acknowledge(read_ack(message))
        else:
            raise Refused(Refusal.MESSAGE_INVALID, "a message is none of this protocol")
        return True

    def offer(self, analysis: Analysis) -> None:
        """An outcome of this client's stream: sent, or held back until the last one was read."""
        with self._lock:
            found = self._settle(analysis.frame_id)
            if found is None or self.broken:
                return
            self._give(analysis, found)

    def tell(self, status: Status) -> None:
        """The session's state at this moment: onto the page, and as a message where it is new."""
        page = self._page
        if page is None:
            if self.stream is None and time.monotonic() > self._hello_until_s:
                raise Refused(Refusal.SILENT, f"no hello came within {HELLO_S:g} s")
            return
        page.write("state", STATES[status.state])
        page.write("valid_until_ns", status.valid_until_ns)
        news = (status.state, status.reasons, status.origin)
        with self._lock:
            if news != self._told and self._state_number <= self._acknowledged:
                self._told = news
                self._number += 1
                self._state_number = self._number
                self._send(outgoing.state(status, self._number))

    def refuse(self, refusal: Refused) -> None:
        """Say why the connection ends."""
        with self._lock:
            self._send(outgoing.refused(refusal.token, str(refusal)))

    def close(self) -> None:
        """End the connection; the client's page says at once that nothing is valid any more."""
        with self._lock:
            self.broken = True
            self._open.clear()
            self._socket.close()
            if self._page is not None:
                self._page.write("valid_until_ns", 0)
                self._page.write("state", 0)
                self._page.close()
                self._page = None
            if self._ring is not None:
                self._ring.close()
                self._ring = None

    def _greet(self, message: memoryview) -> None:
        hello = read_hello(message)
        self.stream = self._admit(self, hello.stream)
        with self._lock:
            try:
                self._ring = Ring()
                self._page = StatusPage()
            except OSError as error:
                raise Refused(
                    Refusal.INTERNAL_ERROR, f"no memory for a ring: {error.strerror}"
                ) from None
            descriptors = array.array("i", [self._ring.fd, self._page.fd])
            self._send(
                outgoing.welcome(self._terms.labels, self._terms.threshold),
                [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)],
            )

    def _frame(self, message: memoryview, stream: str, ring: Ring) -> None:
        given = read_frame(message, self._seq + 1, ring.pixels)
        self._acknowledge(given.acknowledged)
        # Under the lock: the result may come before `submit` has returned the frame's id.
        with self._lock:
            self._seq, taken = given.seq, _Open(given.seq, given.frame_id)
            age_ns = time.monotonic_ns() - given.frame.captured_ns
            if age_ns > self._terms.max_age_ns:
                # Old when it came: this client's matter, which must not degrade the session.
                self._open.clear()
                self._give(_late(given.frame, age_ns), taken)
            else:
                self.had_frames = True
                self._open[self._session.submit(given.frame, stream)] = taken
        if self._page is not None:
            self._page.write("taken", given.seq)

    def _acknowledge(self, number: int) -> None:
        with self._lock:
            if number > self._number:
                raise Refused(Refusal.ACKNOWLEDGEMENT_INVALID, f"number {number} was never sent")
            self._acknowledged = max(self._acknowledged, number)
            if self._held is None or self._result_number > self._acknowledged:
                return
            (analysis, found), self._held = self._held, None
            if analysis.frame_id != _LATE:
                # As it is at this moment: it may have grown old, or not be trusted any more.
                newest = self._session.latest(self.stream or "")
                if newest is not None and newest.frame_id != analysis.frame_id:
                    later = self._settle(newest.frame_id)
                    found, newest = (found, None) if later is None else (later, newest)
                analysis = newest or analysis
            self._send_result(analysis, found)

    def _give(self, analysis: Analysis, found: _Open) -> None:
        """Send a result, or hold it back until the last one was read; with the lock held."""
        if self._result_number > self._acknowledged:
            self._held = (analysis, found)
        else:
            self._send_result(analysis, found)

    def _settle(self, frame_id: int) -> _Open | None:
        """Close a frame, and those before it, which were superseded; with the lock held."""
        found = self._open.pop(frame_id, None)
        if found is not None:
            for earlier in list(self._open):
                if earlier > frame_id:
                    break
                del self._open[earlier]
        return found

    def _send_result(self, analysis: Analysis, found: _Open) -> None:
        self._number += 1
        self._result_number = self._number
        self._send(
            outgoing.result(
                analysis,
                labels=self._terms.labels,
                frame_id=found.frame_id,
                seq=found.seq,
                number=self._number,
                valid_until_ns=analysis.captured_ns + self._terms.max_age_ns,
            )
        )

    def _send(
        self, message: bytes, descriptors: list[tuple[int, int, array.array[int]]] | None = None
    ) -> None:
        """Send without waiting; with the lock held."""
        if self.broken or len(message) > MAX_MESSAGE:
            self.broken = True
            return
        try:
            self._socket.sendmsg([message], descriptors or [], socket.MSG_NOSIGNAL)
        except OSError:
            # One result and one state at most lie unread in the socket: it cannot be full, but
            # for an end that has gone.
            self.broken = True


def _late(frame: Frame, age_ns: int) -> NotAnalysed:
    """The outcome of a frame that was too old when it came."""
    return NotAnalysed(
        frame_id=_LATE,
        captured_ns=frame.captured_ns,
        age_ms=age_ns / 1e6,
        stages_ms={},
        origin=_NO_ORIGIN,
        reasons=(Reason.STALE,),
        detail=f"{age_ns / 1e6:.0f} ms old when it came",
    )
