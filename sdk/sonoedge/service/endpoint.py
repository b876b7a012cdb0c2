"""The socket that a service listens on: made, or taken from systemd."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sonoedge.closing import Closing
from sonoedge.descriptors import above_standard
from sonoedge.errors import InvalidSettings, ServiceError

FIRST_PASSED: Final = 3  # sd_listen_fds(3)
LONGEST_PATH: Final = 107  # bytes of a Unix socket's path
_BACKLOG: Final = 64


class Endpoint(Closing):
    """A listening SOCK_SEQPACKET socket.

    Attributes:
        listener: accepts connections.
        path: of the file that was made for it; None where systemd made it.
    """

    def __init__(self, listener: socket.socket, path: Path | None) -> None:
        listener.setblocking(False)
        self.listener = listener
        self.path = path
        self._file = None if path is None else _identity(path)

    def close(self) -> None:
        """Stop listening, and remove the file, unless another service has put its own there."""
        self.listener.close()
        if self.path is not None and self._file == _identity(self.path):
            with contextlib.suppress(FileNotFoundError):
                self.path.unlink()


def socket_mode(text: str) -> int:
    """The file mode that octal digits say, such as "0660".

    Raises:
        InvalidSettings: they are no mode, or one by which nobody may connect.
    """
    try:
        mode = int(text, 8)
    except ValueError:
        mode = -1
    if not 0 <= mode <= 0o777 or not mode & (stat.S_IRUSR | stat.S_IWUSR):
        raise InvalidSettings(f"--mode is {text!r}; give three octal digits, such as 0660")
    return mode


def check_length(path: str | Path) -> None:
    """Refuse a path that no Unix socket can have.

    Raises:
        InvalidSettings: it is too long.
    """
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise InvalidSettings(f"a socket's path has at most {LONGEST_PATH} bytes: {path}")


def listen(path: str | Path, *, mode: int = 0o660, group: str | None = None) -> Endpoint:
    """Listen at a path.

    A socket file that nobody listens at, such as a killed service leaves behind, is replaced;
    any other file is not. Nobody can connect before mode and group are set.

    Args:
        mode: of the socket's file: whoever may write to it may connect.
        group: the file's; None keeps this process's.

    Raises:
        InvalidSettings: the path is too long, or there is no such group.
        ServiceError: something else lies there, another service listens there, or the folder
            cannot be written.
    """
    path = Path(path)
    check_length(path)
    _clear(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        with _umask(0o777 & ~mode):
            listener.bind(os.fspath(path))
        # Until it listens, connecting is refused: nobody slips in before this is done.
        if group is not None:
            shutil.chown(path, group=group)
        path.chmod(mode)
        listener.listen(_BACKLOG)
        return Endpoint(_raised(listener), path)
    except LookupError:
        _drop(listener, path)
        raise InvalidSettings(f"there is no group {group}") from None
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            _drop(listener, path)
        listener.close()
        raise ServiceError(f"cannot listen at {path}: {error.strerror}") from None


def passed_by_systemd() -> Endpoint | None:
    """The socket that systemd has opened for this process (LISTEN_FDS); None without one.

    Raises:
        ServiceError: it has passed something else than one listening SOCK_SEQPACKET socket.
    """
    pid, count = os.environ.pop("LISTEN_PID", ""), os.environ.pop("LISTEN_FDS", "")
    os.environ.pop("LISTEN_FDNAMES", None)
    if pid != str(os.getpid()) or not count:
        return None
    if count != "1":
        raise ServiceError(f"systemd has passed {count} sockets; sonoedge serve takes one")
    try:
        listener = socket.socket(fileno=FIRST_PASSED)
        os.set_inheritable(FIRST_PASSED, False)
        kind = (
            listener.family,
            listener.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE),
            listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN),
        )
    except OSError as error:
        raise ServiceError(f"what systemd has passed is no socket: {error.strerror}") from None
    if kind != (socket.AF_UNIX, socket.SOCK_SEQPACKET, 1):
        listener.detach()
        raise ServiceError("systemd must pass a listening socket: ListenSequentialPacket=PATH")
    return Endpoint(listener, None)


def _clear(path: Path) -> None:
    """Remove a socket file that nobody listens at."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise ServiceError(f"cannot look at {path}: {error.strerror}") from None
    if not stat.S_ISSOCK(found.st_mode):
        raise ServiceError(f"{path} is no socket; remove it, or give another path")
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as probe:
        probe.setblocking(False)
        result = probe.connect_ex(os.fspath(path))
    if result != errno.ECONNREFUSED:
        why = "another service listens there" if result in (0, errno.EAGAIN) else "not ours to take"
        raise ServiceError(f"cannot listen at {path}: {why}")
    try:
        path.unlink()
    except OSError as error:
        raise ServiceError(f"cannot replace {path}: {error.strerror}") from None


def _drop(listener: socket.socket, path: Path) -> None:
    listener.close()
    with contextlib.suppress(OSError):
        if stat.S_ISSOCK(path.lstat().st_mode):
            path.unlink()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _raised(listener: socket.socket) -> socket.socket:
    if listener.fileno() >= FIRST_PASSED:
        return listener
    return socket.socket(fileno=above_standard(listener.detach()))


@contextmanager
def _umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)
