"""Reading messages one after the other, into one buffer, before deadlines."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from sonoedge.errors import StreamRefused
from sonoedge.igtl.checksum import crc64
from sonoedge.igtl.message import HEADER, Header, Message, header_from, split

MESSAGE_S: Final = 2.0  # a message that has begun must be complete within so many seconds

# Fills a part of the memory before a moment of the monotonic clock, in seconds; how many bytes
# came. 0 where the peer has closed. Raises TimeoutError or OSError.
Read = Callable[[memoryview, float], int]


class Inbox:
    """What a peer sends. One thread at a time.

    Args:
        read: reads from the peer.
        check: compare checksums; some senders leave them 0.
        clock_s: the monotonic clock in seconds.
    """

    def __init__(
        self, read: Read, *, check: bool = True, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._read, self._clock_s = read, clock_s
        self._sum = crc64() if check else None
        self._head = bytearray(HEADER.size)
        self._body = bytearray()

    def next(self, until_s: float) -> Message:
        """The next message; its content is valid until the one after it.

        Args:
            until_s: its first byte must come before this moment of the monotonic clock.

        Raises:
            StreamRefused: TIMEOUT, CLOSED, CLOSED_IN_MESSAGE, BAD_CHECKSUM, LINK_FAILED, or what
                is wrong with the message.
        """
        head = memoryview(self._head)
        self._fill(head[:1], until_s, "no message came in time", "CLOSED")
        complete_s = self._clock_s() + MESSAGE_S
        cut = "a message was not complete in time"
        self._fill(head[1:], complete_s, cut, "CLOSED_IN_MESSAGE")
        header = header_from(head)
        body = self._room(header)
        self._fill(body, complete_s, cut, "CLOSED_IN_MESSAGE")
        if self._sum is not None and self._sum(bytes(body)) != header.crc:
            raise StreamRefused("BAD_CHECKSUM", "a message is damaged, or its sender leaves it out")
        return split(header, body)

    def _room(self, header: Header) -> memoryview:
        if len(self._body) < header.body_bytes:
            self._body = bytearray(header.body_bytes)
        return memoryview(self._body)[: header.body_bytes]

    def _fill(self, room: memoryview, until_s: float, late: str, closed: str) -> None:
        while room:
            try:
                count = self._read(room, until_s)
            except TimeoutError:
                raise StreamRefused("TIMEOUT", late) from None
            except OSError as error:
                raise StreamRefused("LINK_FAILED", error.strerror or "the link broke") from None
            if count == 0:
                raise StreamRefused(closed, "the peer has closed the connection")
            room = room[count:]
