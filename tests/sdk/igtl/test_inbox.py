"""Reading a stream: messages in order, and a token for each way in which it ends."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sonoedge.errors import StreamRefused
from sonoedge.igtl.inbox import Inbox
from sonoedge.igtl.message import HEADER
from sonoedge.igtl.outgoing import image_content, message

IMAGE = message("IMAGE", "d", image_content(np.zeros((2, 3), np.uint8)), 1, 1 << 32)


def stream(data: bytes, most: int = 1 << 20) -> Callable[[memoryview, float], int]:
    rest = bytearray(data)

    def read(room: memoryview, until_s: float) -> int:
        part = bytes(rest[: min(most, len(room))])
        del rest[: len(part)]
        room[: len(part)] = part
        return len(part)

    return read


def why(inbox: Inbox) -> str:
    with pytest.raises(StreamRefused) as caught:
        inbox.next(1e9)
    return caught.value.why


@pytest.mark.parametrize("most", [1, 57, 1 << 20])
def test_messages_are_read_however_they_are_cut(most: int) -> None:
    inbox = Inbox(stream(IMAGE + message("STATUS", "s", b"x" * 31, 2, 5) + IMAGE, most))
    assert [inbox.next(1e9).header.type for _ in range(3)] == ["IMAGE", "STATUS", "IMAGE"]
    assert why(inbox) == "CLOSED"


@pytest.mark.req("R59")
@pytest.mark.parametrize("cut", [1, HEADER.size, len(IMAGE) - 1])
def test_an_end_within_a_message_is_told_from_one_between(cut: int) -> None:
    assert why(Inbox(stream(IMAGE[:cut]))) == "CLOSED_IN_MESSAGE"


@pytest.mark.req("R59")
def test_a_wrong_checksum_is_refused_unless_told_otherwise() -> None:
    wrong = IMAGE[:-1] + b"\x07"
    assert why(Inbox(stream(wrong))) == "BAD_CHECKSUM"
    assert Inbox(stream(wrong), check=False).next(1e9).header.type == "IMAGE"


def test_nothing_is_allocated_for_a_body_that_is_too_large() -> None:
    head = HEADER.pack(1, b"IMAGE", b"d", 0, 0, 1 << 62, 0)
    assert why(Inbox(stream(head))) == "BODY_TOO_LARGE"


@pytest.mark.parametrize(
    ("error", "token"), [(TimeoutError(), "TIMEOUT"), (OSError(104, "reset"), "LINK_FAILED")]
)
def test_a_link_that_fails_is_typed(error: OSError, token: str) -> None:
    def read(room: memoryview, until_s: float) -> int:
        raise error

    assert why(Inbox(read)) == token


def test_a_message_that_has_begun_has_a_deadline_of_its_own() -> None:
    deadlines: list[float] = []
    feed = stream(IMAGE)

    def read(room: memoryview, until_s: float) -> int:
        deadlines.append(until_s)
        return feed(room, until_s)

    Inbox(read, clock_s=lambda: 100.0).next(107.0)
    assert deadlines == [107.0, 102.0, 102.0]
