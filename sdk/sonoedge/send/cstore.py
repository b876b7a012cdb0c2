"""Storing instances by DICOM's own protocol (C-STORE).

Importing this module needs pynetdicom.
"""

from __future__ import annotations

import logging
import ssl
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from sonoedge.errors import MissingDependency, SonoedgeError
from sonoedge.install import install_command
from sonoedge.send.delivery import UNHEARD, Delivery, Outcome
from sonoedge.send.instances import Instance
from sonoedge.send.peer import UNKNOWN_HOST, Peer

try:
    from pynetdicom import AE, evt
    from pynetdicom.association import Association
    from pynetdicom.dul import DULServiceProvider
    from pynetdicom.pdu import A_ASSOCIATE_RJ
except ModuleNotFoundError as error:
    if error.name != "pynetdicom":
        raise
    raise MissingDependency(
        f"sending by --to needs pynetdicom; run: {install_command('send')}"
    ) from error

logging.getLogger("pynetdicom").addHandler(logging.NullHandler())
logging.getLogger("pynetdicom").propagate = False  # its log quotes values

_STORED: Final = 0x0000
_WARNINGS: Final = {
    0xB000: "values were changed",
    0xB006: "elements were left out",
    0xB007: "it does not fit its class",
}
_FAILURES: Final = {
    0x0110: "processing failed",
    0x0111: "it is there already",
    0x0117: "invalid instance",
    0x0122: "its class is not taken",
    0x0124: "not allowed",
}
_REJECTION: Final = 0x03  # the first byte of an A-ASSOCIATE-RJ (PS3.8, table 9-21)
_END_S: Final = 0.4  # for each of an association's two threads to end


def store(
    instances: Sequence[Instance],
    peer: Peer,
    *,
    calling: str,
    timeout_s: float,
    tls: ssl.SSLContext | None = None,
) -> Iterator[Delivery]:
    """Store instances one by one; each gives one delivery, in their order.

    After one without an answer no other is sent: the peer is not heard any more, and whatever
    it does with this one, sending it again is safe.

    Args:
        calling: our own AE title.
        timeout_s: for the connection, for each answer, and for the release.
        tls: how to secure the connection; None leaves it in the clear.

    Raises:
        SourceError: a file cannot be read any more.
    """
    ae = AE(calling)
    ae.acse_timeout = ae.dimse_timeout = ae.connection_timeout = timeout_s
    # Its timer for silence would abort from another thread, in the middle of our own release.
    ae.network_timeout = None
    for sop_class, syntax in sorted({(i.sop_class, i.syntax) for i in instances})[:128]:
        ae.add_requested_context(sop_class, [syntax])
    heard = _Heard()
    secured = None if tls is None else (tls, peer.host)
    with _quiet_threads():
        try:
            link = ae.associate(
                *(peer.host, peer.port),
                ae_title=peer.title,
                tls_args=secured,
                evt_handlers=[
                    (evt.EVT_CONN_OPEN, _bounded, [timeout_s, heard]),
                    (evt.EVT_DATA_RECV, _keep_rejection, [heard]),
                ],
            )
        except (OSError, UnicodeError):  # it looks the name up before it has an association
            yield from (Delivery.of(i, Outcome.NO_ANSWER, UNKNOWN_HOST) for i in instances)
            return
        try:
            why = None if link.is_established else _unconnected(link, heard, tls)
            for instance in instances:
                if why is not None:
                    yield Delivery.of(instance, *why)
                    continue
                delivery = _store(link, instance)
                if delivery.outcome is Outcome.NO_ANSWER:
                    why = UNHEARD
                yield delivery
        finally:
            _end(link)


@dataclass(slots=True)
class _Heard:
    """What is known of a peer with which no association came about."""

    connected: bool = False
    rejection: bytes = b""


def _bounded(event: Any, timeout_s: float, heard: _Heard) -> None:
    """Let no step of reading or sending wait for ever.

    pynetdicom waits without a limit for the rest of an answer that has begun, and for a peer that
    does not read; its own time-outs then wait for that thread.
    """
    heard.connected = True
    event.assoc.dul.socket.socket.settimeout(timeout_s)


def _keep_rejection(event: Any, heard: _Heard) -> None:
    """Remember that the peer rejects the association.

    Where the peer rejects at once, pynetdicom 3.0.4 takes the connection that ends with it for one
    that never was (`is_rejected` stays False).
    """
    if event.data[0] == _REJECTION:
        heard.rejection = event.data


def _store(link: Association, instance: Instance) -> Delivery:
    data_set = instance.data_set()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            status = link.send_c_store(data_set).get("Status")
    except SonoedgeError:
        raise
    except ValueError:
        return Delivery.of(instance, Outcome.REFUSED, "its class or transfer syntax is not taken")
    except Exception as error:  # noqa: BLE001  RuntimeError where the peer is gone, and others
        return Delivery.of(instance, Outcome.NO_ANSWER, type(error).__name__)
    if status is None:  # an empty answer: the peer aborted, or did not answer in time
        return Delivery.of(instance, Outcome.NO_ANSWER, "aborted, or not in time")
    if status == _STORED:
        return Delivery.of(instance, Outcome.STORED)
    if status in _WARNINGS:
        return Delivery.of(instance, Outcome.WARNING, f"0x{status:04X}, {_WARNINGS[status]}")
    return Delivery.of(instance, Outcome.REFUSED, _failure(status))


def _failure(status: int) -> str:
    words = _FAILURES.get(status, "")
    if status >> 8 == 0xA7:
        words = "out of resources"
    elif status >> 8 == 0xA9:
        words = "it does not fit its class"
    elif status >> 12 == 0xC:
        words = "it cannot be understood"
    return f"0x{status:04X}" + (f", {words}" if words else "")


def _unconnected(link: Association, heard: _Heard, tls: object) -> tuple[Outcome, str]:
    if heard.rejection:
        reason = ""
        with suppress(ValueError):  # a code that the standard does not know
            pdu = A_ASSOCIATE_RJ()
            pdu.decode(heard.rejection)
            reason = f": {pdu.reason_str}"
        return Outcome.REFUSED, f"the association was rejected{reason}"
    if link.is_aborted and link.acceptor.primitive is not None:
        return Outcome.REFUSED, "none of the classes is taken"
    if heard.connected:
        return Outcome.NO_ANSWER, "connected, and the association was not answered"
    return Outcome.NO_ANSWER, "no connection" if tls is None else "no connection, or none by TLS"


def _end(link: Association) -> None:
    """End the association, its threads and its connection, whatever state it is in."""
    if link.is_established:
        link.release()
    if link.is_alive():
        link.abort()
        link.join(_END_S)
    link.dul.join(_END_S)
    if link.dul.socket is not None and not link.dul.is_alive():  # a thread that raised left it open
        link.dul.socket.close()


@contextmanager
def _quiet_threads() -> Iterator[None]:
    """Where time is up or an answer is not as the standard has it, pynetdicom's threads may raise.

    The delivery says it already.
    """
    before = threading.excepthook

    def hook(args: threading.ExceptHookArgs) -> None:
        if not isinstance(args.thread, Association | DULServiceProvider):
            before(args)

    threading.excepthook = hook
    try:
        yield
    finally:
        threading.excepthook = before
