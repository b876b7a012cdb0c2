"""Pictures from an OpenIGTLink server, such as PLUS or a scanner's research interface.

We are the client and say nothing unless told to, so that every server speaks the version of
header that it speaks to anyone. A message that is not as it must be ends the connection; whoever
watches the source (`sonoedge.sources.watch`) opens it anew.
"""

from __future__ import annotations

import contextlib
import re
import socket
import time
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from sonoedge.errors import InvalidSettings, SourceError, StreamRefused
from sonoedge.igtl.checksum import crc64
from sonoedge.igtl.image import image_from
from sonoedge.igtl.inbox import Inbox
from sonoedge.igtl.message import Message
from sonoedge.igtl.outgoing import OK, message, status_content
from sonoedge.sources.live_bounds import spacing_is_credible
from sonoedge.sources.picture import Contents, Picture

PORT: Final = 18944
_CONNECT_S: Final = 2.0
_FORM: Final = "igtl://HOST[:PORT][/DEVICE][?crc=ignore][&version=2]"
_OPTIONS: Final = {"crc": ["ignore"], "version": ["2"]}
# PLUS sends a Clarius probe's size of a pixel so (PlusLib pull request 744, issue 1124).
_MICRONS: Final = "micronsPerPixel"


@dataclass(frozen=True, slots=True, kw_only=True)
class IgtlAddress:
    """Where pictures come from.

    Attributes:
        host, port: the server's.
        device: the name of the pictures that are taken; None takes the first that comes, and
            no other one from then on.
        check: compare checksums.
        version_2: send one message of version 2, so that the server answers in it, with metadata.
    """

    host: str
    port: int = PORT
    device: str | None = None
    check: bool = True
    version_2: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IgtlWaits:
    """How long to wait, in seconds.

    Attributes:
        first_s, next_s: for the first picture, and from one to the next; other messages, such as
            a server's keep-alives, do not count.
    """

    first_s: float = 4.5
    next_s: float = 0.75


def address_from(spec: str) -> IgtlAddress:
    """An address as people write it.

    Raises:
        InvalidSettings: it is none.
    """
    try:
        parts = urlsplit(spec)
        host, port = parts.hostname, PORT if parts.port is None else parts.port
        options = parse_qs(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError as error:
        raise InvalidSettings(f"{spec} is no address ({error}); give {_FORM}") from None
    device = unquote(parts.path.removeprefix("/"))
    known = all(_OPTIONS.get(name) == value for name, value in options.items())
    wrong = parts.username is not None or parts.fragment or not known
    if parts.scheme != "igtl" or not host or port == 0 or wrong:
        raise InvalidSettings(f"{spec} is no address; give {_FORM}")
    if device and not re.fullmatch(r"[\x20-\x7e]{1,20}", device):
        raise InvalidSettings(f"{device!r} is no device: at most 20 characters of ASCII")
    return IgtlAddress(
        host=host,
        port=port,
        device=device or None,
        check="crc" not in options,
        version_2="version" in options,
    )


def igtl(
    address: IgtlAddress,
    *,
    waits: IgtlWaits | None = None,
    clock_ns: Callable[[], int] = time.monotonic_ns,
) -> Contents:
    """The pictures of a server, connected until it is closed.

    Raises:
        MissingDependency: the extra `igtl` is not installed.
        SourceError: it cannot be reached. When read, StreamRefused says why it ends.
    """
    crc64()  # before connecting: a server may allow one client at a time
    name = address.device or address.host
    try:
        link = socket.create_connection((address.host, address.port), _CONNECT_S)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SourceError(
            f"igtl://{address.host}:{address.port} cannot be reached: {reason}; is the server "
            "running, and does it listen on this port?"
        ) from None
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if address.version_2:
        with contextlib.suppress(OSError):  # whoever reads learns that it has left
            link.sendall(message("STATUS", "sonoedge", status_content(OK, "OK", ""), 2))

    def pictures() -> Generator[Picture, None, None]:
        inbox = Inbox(_reading(link), check=address.check)
        yield from _pictures(inbox, address, waits or IgtlWaits(), clock_ns)

    return Contents(name=name, pictures=pictures, count=None, times="live", close=link.close)


def _pictures(
    inbox: Inbox, address: IgtlAddress, waits: IgtlWaits, clock_ns: Callable[[], int]
) -> Generator[Picture, None, None]:
    device, stamp = address.device, 0
    others: Counter[str] = Counter()
    wait_s = waits.first_s
    while True:
        received = _next_image(inbox, device, others, time.monotonic() + wait_s)
        # On our clock, before the pixels are looked at; the sender's may be any other one. Its
        # stamp tells only that this is another picture.
        arrived_ns = clock_ns()
        image, metadata, header = image_from(received), received.metadata, received.header
        moved = header.stamp not in (0, stamp)
        device, stamp, wait_s = header.device, header.stamp, waits.next_s
        others.clear()
        yield Picture(
            pixels=image.pixels,
            captured_ns=arrived_ns,
            stamped=moved,
            # The probe's own, of this very picture, before a matrix that was calibrated once.
            spacing_mm=_microns(metadata) or image.spacing_mm,
        )


def _microns(metadata: Mapping[str, str]) -> tuple[float, float] | None:
    try:
        mm = float(metadata.get(_MICRONS, "")) / 1000  # pixels are square
    except ValueError:
        return None
    return (mm, mm) if spacing_is_credible(mm) else None


def _next_image(inbox: Inbox, device: str | None, others: Counter[str], until_s: float) -> Message:
    while True:
        try:
            received = inbox.next(until_s)
        except StreamRefused as error:
            raise _with_others(error, device, others) from None
        header = received.header
        if header.type == "IMAGE" and device in (None, header.device):
            return received
        if header.type == "VIDEO":
            raise StreamRefused(
                "UNSUPPORTED_TYPE", "the server sends compressed VIDEO; let it send IMAGE"
            )
        if len(others) < 32:
            others[f"{header.type} {header.device}".strip()] += 1
        if time.monotonic() >= until_s:
            raise _with_others(StreamRefused("TIMEOUT", "no picture came in time"), device, others)


def _with_others(error: StreamRefused, device: str | None, others: Counter[str]) -> StreamRefused:
    """The same, with what came in place of a picture."""
    if not others or error.why != "TIMEOUT":
        return error
    came = ", ".join(f"{name} ({count})" for name, count in others.most_common(4))
    wanted = "a picture" if device is None else f"a picture of {device}"
    return StreamRefused("TIMEOUT", f"{wanted} did not come in time; what came: {came}")


def _reading(link: socket.socket) -> Callable[[memoryview, float], int]:
    def read(room: memoryview, until_s: float) -> int:
        left_s = until_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        link.settimeout(left_s)
        return link.recv_into(room)

    return read
