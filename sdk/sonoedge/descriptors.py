"""File descriptors that no library takes for standard input, output or error."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import socket

FIRST_FREE: Final = 3


def above_standard(fd: int) -> int:
    """The same open file under a number above 2, close-on-exec; a lower number is closed.

    A service may run with standard input or output closed. What is opened next then gets
    their numbers: a worker's standard input would replace it, and whatever prints would write
    into it.

    Raises:
        OSError: no descriptor is left.
    """
    if fd >= FIRST_FREE:
        return fd
    try:
        return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, FIRST_FREE)
    finally:
        os.close(fd)


def socket_pair() -> tuple[socket.socket, socket.socket]:
    """A pair of connected sockets, both above standard error.

    Raises:
        OSError: no descriptor is left.
    """
    import socket

    first, second = socket.socketpair()
    try:
        return _raised(first), _raised(second)
    except OSError:
        first.close()
        second.close()
        raise


def pipe() -> tuple[int, int]:
    """A pipe's reading and writing end, both above standard error.

    Raises:
        OSError: no descriptor is left.
    """
    reading, writing = os.pipe()
    try:
        reading = above_standard(reading)
    except OSError:
        os.close(writing)
        raise
    try:
        return reading, above_standard(writing)
    except OSError:
        os.close(reading)
        raise


def is_open(fd: int) -> bool:
    """Whether a descriptor names an open file."""
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


def _raised(end: socket.socket) -> socket.socket:
    import socket

    if end.fileno() >= FIRST_FREE:
        return end
    return socket.socket(fileno=above_standard(end.detach()))
