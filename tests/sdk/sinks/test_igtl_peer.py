"""What a client's headers tell of it."""

from __future__ import annotations

import pytest

from sonoedge.errors import StreamRefused
from sonoedge.igtl.message import HEADER
from sonoedge.igtl.outgoing import message, status_content
from sonoedge.sinks.igtl_peer import Heard

STATUS = status_content(1, "OK", "x")


@pytest.mark.req("R60")
def test_version_2_is_heard_however_its_header_is_cut() -> None:
    heard = Heard()
    for byte in message("STATUS", "s", STATUS, 1):
        heard.take(bytes([byte]))
    assert heard.version == 1
    second = message("STATUS", "s", STATUS, 2)
    heard.take(second[:57])
    assert heard.version == 1
    heard.take(second[57:])
    assert heard.version == 2


def test_bodies_are_skipped_and_not_read_as_headers() -> None:
    heard = Heard()
    heard.take(message("STATUS", "s", message("STATUS", "s", STATUS, 2), 1))
    assert heard.version == 1


def test_a_client_that_says_too_much_is_refused() -> None:
    with pytest.raises(StreamRefused, match="BODY_TOO_LARGE"):
        Heard().take(HEADER.pack(1, b"IMAGE", b"d", 0, 0, 70_000, 0))
    with pytest.raises(StreamRefused, match="BAD_VERSION"):
        Heard().take(b"GET / HTTP/1.1\r\n" * 8)
