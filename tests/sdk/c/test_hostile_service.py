"""What stands at the socket is no service, or a broken one: the client says so, and no more.

Built with AddressSanitizer and UBSan, which end it where it reads or counts what is not its own;
LeakSanitizer ends it where memory is left, and it says itself which descriptors and memories are.
"""

from __future__ import annotations

import os
import re
import socket
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from c_build import SANITIZED, build_client
from service_messages import pack
from sonoedge.service.protocol import MAX_MESSAGE, REFUSED, REGION
from sonoedge.service.ring import SEAL_SHRINK, StatusPage
from stand_in_service import (
    LABEL,
    SLOT_BYTES,
    SLOTS,
    Visit,
    memories,
    odd_memory,
    result,
    say,
    stand_in,
    state,
    welcome,
)

if not hasattr(os, "memfd_create"):
    pytest.skip("the service needs Linux", allow_module_level=True)

Visited = Callable[..., list[str]]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("visit") / "visit"
    main = Path(__file__).parent / "visit.c"
    return build_client(program, main, "-D_DEFAULT_SOURCE", *SANITIZED)


@pytest.fixture
def visited(host: Path, tmp_path: Path) -> Visited:
    """Lets the host visit a stand-in; gives what it said, once it has left nothing behind."""

    def run(visit: Visit, frames: int = 3) -> list[str]:
        path = tmp_path / "so.sock"
        with stand_in(path, visit):
            done = subprocess.run(
                [host, path, str(frames)], capture_output=True, text=True, timeout=60
            )
        assert done.returncode == 0, done.stderr
        *said, left = done.stdout.splitlines()
        assert left == "left 0 0"
        return said

    return run


def words(said: list[str], call: str) -> list[str]:
    """What each call of one name came to."""
    return [re.sub(r" \[.*", "", line).partition(" ")[2] for line in said if line.startswith(call)]


def greeted(*messages: bytes | Callable[[StatusPage], None]) -> Visit:
    """A right welcome; after the first frame the messages, and then nothing."""

    def visit(connection: socket.socket) -> None:
        with memories() as (ring, page):
            say(connection, welcome(), [ring.fd, page.fd])
            connection.recv(4096)
            for message in messages:
                if isinstance(message, bytes):
                    say(connection, message)
                else:
                    message(page)
            while connection.recv(4096):
                pass

    return visit


def test_a_right_answer_is_taken(visited: Visited) -> None:
    said = visited(greeted(state(), result(number=2)))
    assert words(said, "connect") == ["OK"]
    assert words(said, "submit") == ["OK"] * 3
    assert words(said, "next") == ["OK 1 0", "NOTHING_NEW 0 0", "NOTHING_NEW 0 0"]


WELCOMES = {
    "empty": b"",
    "short": welcome()[:10],
    "cut by one byte": welcome()[:-1],
    "long": welcome() + b"\0",
    "of another magic": welcome(magic=1),
    "of more labels than there are": welcome(labels=2),
    "of fewer labels than there are": welcome(labels=0),
    "of too many labels": welcome(labels=65, rest=65 * LABEL),
    "a label longer than the message": welcome(b"\xff\xff"),
    "a label longer than a text may be": welcome(struct.pack("<H", 256) + bytes(256)),
    "without a slot": welcome(slots=0),
    "of too many slots": welcome(slots=65),
    "of empty slots": welcome(slot_bytes=0),
    "of slots that are too large": welcome(slot_bytes=(1 << 28) + 1),
    "of more slots than there is memory": welcome(slots=SLOTS + 1),
    "of larger slots than there is memory": welcome(slot_bytes=SLOT_BYTES + 1),
    "as large as can be said": welcome(slots=0xFFFFFFFF, slot_bytes=0xFFFFFFFF),
    "a result": result(),
    "a state": state(),
    "no kind": b"\xff" * 40,
    "too long": welcome() + bytes(MAX_MESSAGE),
}


@pytest.mark.req("R71")
@pytest.mark.parametrize("name", WELCOMES)
def test_a_welcome_that_cannot_be_is_refused(visited: Visited, name: str) -> None:
    def visit(connection: socket.socket) -> None:
        with memories() as (ring, page):
            say(connection, WELCOMES[name], [ring.fd, page.fd])

    said = visited(visit)
    want = "NOT_CONNECTED" if name == "empty" else "REFUSED"
    assert words(said, "connect") == [want]
    assert words(said, "submit") == [want] * 3
    assert words(said, "next") == [f"{want} 0 0"] * 3
    assert words(said, "status") == [f"{want} UNAVAILABLE"] * 3
    assert all(line.endswith("[NOT_CONNECTED] 0") for line in said if line.startswith("status"))


@pytest.mark.req("R71")
@pytest.mark.parametrize("version", [0, 2, 0xFFFF])
def test_a_welcome_of_another_version_says_so(visited: Visited, version: int) -> None:
    def visit(connection: socket.socket) -> None:
        with memories() as (ring, page):
            say(connection, welcome(version=version), [ring.fd, page.fd])

    assert words(visited(visit), "connect") == ["VERSION"]


@pytest.mark.req("R71")
@pytest.mark.parametrize(
    "given",
    [
        "none",
        "one",
        "three",
        "a short ring",
        "a ring that can shrink",
        "a short page",
        "a page that can shrink",
        "a file",
        "a device",
        "two sockets",
    ],
)
def test_memories_that_are_not_as_they_must_be_are_not_mapped(
    visited: Visited, given: str, tmp_path: Path
) -> None:
    def visit(connection: socket.socket) -> None:
        with memories() as (ring, page):
            other = {
                "a short ring": lambda: odd_memory(SLOTS * SLOT_BYTES - 1, SEAL_SHRINK),
                "a ring that can shrink": lambda: odd_memory(SLOTS * SLOT_BYTES, 0),
                "a short page": lambda: odd_memory(4095, SEAL_SHRINK),
                "a page that can shrink": lambda: odd_memory(4096, 0),
                "a file": lambda: os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT),
                "a device": lambda: os.open("/dev/zero", os.O_RDWR),
            }.get(given)
            odd = -1 if other is None else other()
            fds = {
                "none": [],
                "one": [ring.fd],
                "three": [ring.fd, page.fd, page.fd],
                "two sockets": [connection.fileno()] * 2,
                "a short page": [ring.fd, odd],
                "a page that can shrink": [ring.fd, odd],
            }.get(given, [odd, page.fd])
            say(connection, welcome(), fds)
            if odd >= 0:
                os.close(odd)

    said = visited(visit)
    assert words(said, "connect") == ["REFUSED"]
    assert words(said, "next") == ["REFUSED 0 0"] * 3


def region(points: int) -> bytes:
    return REGION.struct.pack(1, 1, 9, 9, 1, 64.0, 0.0, 0.0, 0.0, 0.7, points, 1)


ANSWERS = {
    "a short result": result()[:-1],
    "a result of one byte": b"\x66",
    "a long result": result() + b"\0",
    "too long": result() + bytes(MAX_MESSAGE),
    "of a frame that was never sent": result(seq=2, frame_id=2),
    "of no frame": result(seq=0, frame_id=0),
    "of a frame far ahead": result(seq=(1 << 64) - 1, frame_id=(1 << 64) - 1),
    "of another frame than its number says": result(frame_id=2),
    "without a number": result(number=0),
    "regions that are not there": result(regions=1),
    "more regions than there may be": result(regions=257, rest=257 * region(0)),
    "a contour that is not there": result(region(1), regions=1),
    "a contour longer than may be": result(region(2049) + bytes(4 * 2049), regions=1),
    "a contour that wraps around": result(region(1 << 30), regions=1),
    "probabilities of other labels": result(bytes(16), labels=2),
    "probabilities that are not there": result(labels=1),
    "a region's probabilities that are not there": result(region(0), regions=1, region_labels=1),
    "reasons that are not there": result(reasons=1),
    "more reasons than there may be": result(bytes(18), reasons=9),
    "a sentence that is not there": result(detail_bytes=1),
    "a sentence longer than may be": result(bytes(256), detail_bytes=256),
    "flagged, and not analysed": result(flags=2),
    "regions, and not analysed": result(region(0), flags=0, regions=1),
    "all bits set": result()[:4] + b"\xff" * 76,
    "a short state": state()[:-1],
    "a long state": state() + b"\0",
    "a state's text that is not there": state(bundle_bytes=1),
    "a state's text that is too long": state(bytes(256), variant_bytes=256),
    "a state of no number": state(number=0),
    "a second welcome": welcome(),
    "a client's message": b"\2\0\0\0" + bytes(116),
    "no kind": b"\xff" * 40,
}


@pytest.mark.req("R71")
@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_cannot_be_ends_the_connection_and_the_frame_is_not_analysed(
    visited: Visited, name: str
) -> None:
    said = visited(greeted(ANSWERS[name]))
    assert words(said, "connect") == ["OK"]
    assert words(said, "submit") == ["OK", "REFUSED", "REFUSED"]
    assert words(said, "next") == ["OK 0 0", "REFUSED 0 0", "REFUSED 0 0"]
    assert "next OK 0 0 [UNAVAILABLE]" in said
    assert words(said, "status") == ["REFUSED UNAVAILABLE"] * 3


@pytest.mark.parametrize(
    ("message", "want"),
    [
        (pack(REFUSED, 8, 4, 0) + b"full", "REFUSED"),
        (pack(REFUSED, 4, 0, 0), "VERSION"),
        (pack(REFUSED, 14, 3, 0) + b"end", "NOT_CONNECTED"),
        (pack(REFUSED, 8, 5, 0) + b"full", "REFUSED"),
        (pack(REFUSED, 8, 300, 0) + bytes(300), "REFUSED"),
        (b"\x68\0\0\0", "REFUSED"),
    ],
)
def test_a_refusal_is_told_by_its_kind_whatever_its_text(
    visited: Visited, message: bytes, want: str
) -> None:
    assert words(visited(lambda connection: say(connection, message)), "connect") == [want]


@pytest.mark.req("R71")
def test_a_service_that_never_answers_holds_no_call(
    visited: Visited,
) -> None:
    def visit(connection: socket.socket) -> None:
        while connection.recv(4096):
            pass

    said = visited(visit)
    assert said[0] == "connect NOT_CONNECTED [the service has not answered yet]"
    assert words(said, "next") == ["NOT_CONNECTED 0 0"] * 3


@pytest.mark.parametrize("when", ["after hello", "after its welcome", "in the middle of an answer"])
def test_a_service_that_dies_is_away(visited: Visited, when: str) -> None:
    def visit(connection: socket.socket) -> None:
        with memories() as (ring, page):
            if when != "after hello":
                say(connection, welcome(), [ring.fd, page.fd])
            if when == "in the middle of an answer":
                connection.recv(4096)
                say(connection, result()[:60])

    said = visited(visit)
    if when == "in the middle of an answer":
        assert "next OK 0 0 [UNAVAILABLE]" in said
    # It tries again by itself, and finds the same again.
    assert not any(outcome.startswith("OK 1") for outcome in words(said, "next"))
    assert {line for line in words(said, "status") if "READY" in line} == set()
    if when == "after hello":
        assert words(said, "connect") == ["NOT_CONNECTED"]


EXTREMES = [0, -1, 1, 1 << 32, (1 << 63) - 1, -(1 << 63), 0x5A5A5A5A5A5A5A5A]


@pytest.mark.req("R71")
@pytest.mark.parametrize("value", EXTREMES)
def test_words_of_the_page_that_cannot_be_say_that_nothing_is_valid(
    visited: Visited, value: int
) -> None:
    def torn(page: StatusPage) -> None:
        for word in ("valid_until_ns", "taken", "state"):
            page.write(word, value)

    said = visited(greeted(torn))
    assert words(said, "connect") == ["OK"]
    for line in said:
        if line.startswith("status OK"):
            assert line.endswith(" 0")
            assert " READY " not in line
            assert " DEGRADED " not in line


def test_a_service_that_takes_no_frames_is_told_of_once_the_ring_is_full(
    visited: Visited,
) -> None:
    def visit(connection: socket.socket) -> None:
        with memories() as (ring, page):
            say(connection, welcome(), [ring.fd, page.fd])
            while connection.recv(4096):  # it reads, and never says that a slot is free
                pass

    said = visited(visit, 6)
    assert words(said, "submit") == ["OK"] * SLOTS + ["NOT_CONNECTED"] * 2


def test_a_flood_holds_no_call(visited: Visited) -> None:
    def visit(connection: socket.socket) -> None:
        with memories() as (ring, page):
            say(connection, welcome(), [ring.fd, page.fd])
            for number in range(1, 1_000_000):
                say(connection, state(number=number))

    said = visited(visit)
    assert words(said, "next")[-1] == "NOTHING_NEW 0 0"


def test_nothing_is_written_behind_the_slots_that_were_told(
    visited: Visited,
) -> None:
    behind: list[bytes] = []

    def visit(connection: socket.socket) -> None:
        with StatusPage() as page:
            # Twice as long as it is said to be; the client's frames go round in three slots.
            fd = odd_memory(8 * SLOT_BYTES, SEAL_SHRINK)
            say(connection, welcome(slots=3), [fd, page.fd])
            page.write("taken", (1 << 63) - 1)
            while connection.recv(4096):
                pass
            behind.append(os.pread(fd, 5 * SLOT_BYTES, 3 * SLOT_BYTES))
            behind.append(os.pread(fd, SLOT_BYTES, 0))
            os.close(fd)

    said = visited(visit)
    assert words(said, "submit") == ["OK"] * 3
    assert not any(behind[0])
    assert any(behind[1])


def test_a_frame_that_no_slot_holds_is_not_sent(visited: Visited) -> None:
    def visit(connection: socket.socket) -> None:
        with memories() as (ring, page):
            say(connection, welcome(slot_bytes=48 * 64 - 1), [ring.fd, page.fd])
            while connection.recv(4096):
                pass

    assert words(visited(visit), "submit") == ["FRAME_TOO_LARGE"] * 3
