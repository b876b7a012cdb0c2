"""What systemd is told of a live session: that it is ready, how it stands, that it is alive.

The protocol is sd_notify(3): lines in a datagram to the socket that `NOTIFY_SOCKET` names.
Research on libraries for it found blocking ones alone: a full queue must hold nothing up here.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Final

from sonoedge.session.states import BEAT_VALID_NS, State, Status

SOCKET: Final = "NOTIFY_SOCKET"
OPENED: Final = (State.READY, State.DEGRADED, State.PAUSED)  # golden frames were answered


def notify(*lines: str) -> bool:
    """Tell systemd; without `NOTIFY_SOCKET` nothing happens. Never raises, never waits.

    Args:
        lines: assignments such as "READY=1".

    Returns:
        Whether systemd has got them: False without one, and where its queue is full.
    """
    path = os.environ.get(SOCKET, "")
    if path[:1] not in ("/", "@"):
        return False
    kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
    try:
        with socket.socket(socket.AF_UNIX, kind) as out:
            address = "\0" + path[1:] if path[0] == "@" else path
            out.sendto("\n".join(lines).encode("utf-8", "replace"), address)
    except (OSError, ValueError):  # ValueError: a NUL in the path
        return False
    return True


class SystemdNotices:
    """Decides what systemd is told, from a session's status each second. It reads no clock.

    What could not be told is told the next time.

    Args:
        golden_idle_s: as the session's: while no frame is analysed, golden frames are asked at
            least so often.
        tell: `notify`.
    """

    def __init__(self, *, golden_idle_s: float = 10.0, tell: Callable[..., bool] = notify) -> None:
        self._silence_ns = round(2e9 * golden_idle_s)
        self._tell = tell
        self._ready = False
        self._told = ""

    def observe(self, status: Status) -> None:
        """Tell what there is to tell."""
        lines = []
        now_ready = not self._ready and status.state in OPENED and status.origin is not None
        if now_ready:
            lines.append("READY=1")
        text = " ".join([status.state.value, *status.reasons])
        if text != self._told:
            lines.append(f"STATUS={text}")
        if self.is_alive(status):
            lines.append("WATCHDOG=1")
        if lines and self._tell(*lines):
            self._ready, self._told = self._ready or now_ready, text

    def is_alive(self, status: Status) -> bool:
        """Whether the watchdog is fed.

        The session's own thread has to be alive, and the engine to have analysed a frame in
        time, or to have answered a golden frame rightly, within the last `2 * golden_idle_s`.
        During a pause the first alone is asked for. It says nothing of frames: a probe that is
        unplugged is no reason to start the service anew.
        """
        if status.at_ns - status.beat_ns > BEAT_VALID_NS:
            return False
        if status.state is State.PAUSED:
            return True
        answered_ns = status.answered_ns
        return answered_ns is not None and status.at_ns - answered_ns < self._silence_ns

    def stopping(self) -> None:
        """The service ends because it was told to."""
        self._tell("STOPPING=1", "STATUS=CLOSED")
