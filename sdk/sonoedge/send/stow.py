"""Storing instances over the web (STOW-RS, PS3.18): a page of the standard library's HTTP.

What is stored is what the answer names as stored, whatever the HTTP status says.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
import uuid
from collections.abc import Iterator, Sequence
from typing import IO, Any, Final
from urllib.parse import urlsplit

from sonoedge.errors import InvalidSettings, SourceError
from sonoedge.send.delivery import UNHEARD, Delivery, Outcome
from sonoedge.send.instances import Instance
from sonoedge.send.peer import UNKNOWN_HOST
from sonoedge.strict_json import parse_json

MOST_ANSWER: Final = 1 << 20
_STORED, _FAILED = "00081199", "00081198"
_INSTANCE, _WARNING, _REASON = "00081155", "00081196", "00081197"


def store(
    instances: Sequence[Instance],
    url: str,
    *,
    timeout_s: float,
    tls: ssl.SSLContext | None = None,
    authorization: str | None = None,
) -> Iterator[Delivery]:
    """Post instances one by one; each gives one delivery, in their order.

    After one without an answer no other is sent, as in `sonoedge.send.cstore`.

    Args:
        url: of the studies of a DICOMweb service.
        timeout_s: for the connection, for each piece that is sent, and for a whole answer.
        tls: how to secure an address of https.
        authorization: the header's value, as "Bearer ...".

    Raises:
        SourceError: a file cannot be read any more.
    """
    heard = True
    for instance in instances:
        if not heard:
            yield Delivery.of(instance, *UNHEARD)
            continue
        delivery = _post(instance, url, timeout_s, tls, authorization)
        heard = delivery.outcome is not Outcome.NO_ANSWER
        yield delivery


def _post(
    instance: Instance,
    url: str,
    timeout_s: float,
    tls: ssl.SSLContext | None,
    authorization: str | None,
) -> Delivery:
    body, boundary = _body(instance)
    headers = {
        "Content-Type": f'multipart/related; type="application/dicom"; boundary={boundary}',
        "Accept": "application/dicom+json",
        "Content-Length": str(len(body)),  # a body in chunks was answered 200 and not stored
    }
    if authorization is not None:
        headers["Authorization"] = authorization
    link = _connection(url, timeout_s, tls)
    try:
        link.request("POST", urlsplit(url).path, io.BytesIO(body), headers)  # a time-out per piece
        answer = link.getresponse()
        data = answer.read(MOST_ANSWER + 1)
    except (socket.gaierror, UnicodeError):
        return Delivery.of(instance, Outcome.NO_ANSWER, UNKNOWN_HOST)
    except ssl.SSLError as error:
        return Delivery.of(instance, Outcome.NO_ANSWER, f"TLS: {error.reason or 'failed'}")
    except (OSError, http.client.HTTPException) as error:
        return Delivery.of(instance, Outcome.NO_ANSWER, type(error).__name__)
    finally:
        link.close()
    return _judged(instance, answer.status, data)


class _Timely(io.RawIOBase):
    """What a socket receives, until its time-out has passed once; http.client's is per byte.

    Args:
        link: its time-out is that of the whole answer.
        held: the socket's own file, which keeps it open.
    """

    def __init__(self, link: socket.socket, held: IO[bytes]) -> None:
        self._link, self._held = link, held
        self._until_s = time.monotonic() + (link.gettimeout() or 0.0)

    def readable(self) -> bool:
        return True

    def readinto(self, room: Any) -> int:
        left_s = self._until_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        self._link.settimeout(left_s)
        return self._link.recv_into(room)

    def close(self) -> None:
        self._held.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    """An answer that is whole before the socket's time-out, or none."""

    def __init__(self, sock: socket.socket, *args: Any, **more: Any) -> None:
        super().__init__(sock, *args, **more)
        self.fp = io.BufferedReader(_Timely(sock, self.fp))


def _judged(instance: Instance, status: int, data: bytes) -> Delivery:
    try:
        if len(data) > MOST_ANSWER:
            raise InvalidSettings("the answer is too long")
        values = parse_json(data, "the answer")
        stored = _items(values, _STORED, instance)
        failed = _items(values, _FAILED, instance)
    except (InvalidSettings, ValueError, TypeError, KeyError, AttributeError, IndexError):
        stored, failed = [], []
    if stored and status < 300 and not failed:
        reason = _number(stored[0], _WARNING)
        if reason is None:
            return Delivery.of(instance, Outcome.STORED)
        return Delivery.of(instance, Outcome.WARNING, f"0x{reason:04X}")
    reason = _number(failed[0], _REASON) if failed else None
    detail = f"HTTP {status}" + ("" if reason is None else f", 0x{reason:04X}")
    if status < 300 and not failed:
        detail += ", and the answer does not name it as stored"
    return Delivery.of(instance, Outcome.REFUSED, detail)


def _items(values: Any, tag: str, instance: Instance) -> list[Any]:
    """What a sequence of the answer says of the instance."""
    items = values.get(tag, {}).get("Value", [])
    return [item for item in items if instance.uid in item.get(_INSTANCE, {}).get("Value", [])]


def _number(item: Any, tag: str) -> int | None:
    value = (item.get(tag, {}).get("Value") or [None])[0]
    return value if isinstance(value, int) and 0 <= value <= 0xFFFF else None


def _body(instance: Instance) -> tuple[bytes, str]:
    boundary = uuid.uuid4().hex
    try:
        data = instance.path.read_bytes()
    except OSError as error:
        raise SourceError(f"{instance.name} cannot be read: {error.strerror}") from None
    head = f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    return head + data + f"\r\n--{boundary}--\r\n".encode(), boundary


def _connection(
    url: str, timeout_s: float, tls: ssl.SSLContext | None
) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    link = (
        http.client.HTTPSConnection(host, port, timeout=timeout_s, context=tls)
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, port, timeout=timeout_s)
    )
    link.response_class = _Answer
    return link
