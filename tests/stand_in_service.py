"""A stand-in for the service: it says hello's answer and whatever a test makes of it."""

from __future__ import annotations

import array
import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from service_messages import pack
from sonoedge.service.protocol import MAGIC, RESULT, STATE, VERSION, WELCOME
from sonoedge.service.ring import Ring, StatusPage

SLOTS, SLOT_BYTES = 4, 4096
LABEL = b"\3\0one"

Visit = Callable[[socket.socket], None]


def welcome(rest: bytes = LABEL, **fields: Any) -> bytes:
    """A welcome with one label, for a small ring."""
    values: dict[str, Any] = {
        "magic": MAGIC,
        "version": VERSION,
        "labels": 1,
        "slots": SLOTS,
        "slot_bytes": SLOT_BYTES,
        "reserved": 0,
        "flag_threshold": 0.5,
    } | fields
    return pack(WELCOME, *values.values()) + rest


def result(rest: bytes = b"", **fields: Any) -> bytes:
    """An analysed frame without a region: the answer to the first frame."""
    values: dict[str, Any] = {
        "flags": 1,
        "number": 1,
        "frame_id": 1,
        "seq": 1,
        "captured_ns": 1,
        "valid_until_ns": 1 << 62,
        "age_ms": 1.0,
        "suspicion": 0.0,
        "regions": 0,
        "reasons": 0,
        "labels": 0,
        "region_labels": 0,
        "detail_bytes": 0,
    } | fields
    return pack(RESULT, *values.values(), 0, 0, 0) + rest


def state(rest: bytes = b"", **fields: Any) -> bytes:
    """READY, without any text."""
    values: dict[str, Any] = {
        "state": 2,
        "number": 1,
        "reasons_bytes": 0,
        "bundle_bytes": 0,
        "runtime_bytes": 0,
        "precision_bytes": 0,
        "variant_bytes": 0,
    } | fields
    return pack(STATE, *values.values(), 0, 0, 0) + rest


def say(connection: socket.socket, message: bytes, fds: Sequence[int] = ()) -> None:
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
    connection.sendmsg([message], rights)


@contextmanager
def memories() -> Iterator[tuple[Ring, StatusPage]]:
    """What a right welcome hands over."""
    with Ring(SLOTS, SLOT_BYTES) as ring, StatusPage() as page:
        yield ring, page


@contextmanager
def stand_in(path: Path, visit: Visit) -> Iterator[None]:
    """Listen; each client's hello is read, then `visit` has the connection, then it ends."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(path))
        listener.listen(8)
        thread = threading.Thread(target=_serve, args=(listener, visit))
        thread.start()
        try:
            yield
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(30)
            assert not thread.is_alive()


def _serve(listener: socket.socket, visit: Visit) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:  # the end
            return
        with connection:
            connection.settimeout(5)
            with contextlib.suppress(ConnectionError, TimeoutError):
                if connection.recv(4096):
                    visit(connection)


def odd_memory(size: int, seals: int) -> int:
    """A descriptor of memory that a right service would not hand over."""
    import fcntl

    from sonoedge.service.ring import F_ADD_SEALS

    fd = os.memfd_create("odd", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(fd, size)
    if seals:
        fcntl.fcntl(fd, F_ADD_SEALS, seals)
    return fd
