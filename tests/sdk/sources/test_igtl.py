"""OpenIGTLink servers as sources: false ones of ours, that do what no library does."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from itertools import islice

import numpy as np
import pytest

from sonoedge.analysis import Reason
from sonoedge.errors import InvalidSettings, SourceError, StreamRefused
from sonoedge.igtl.checksum import crc64
from sonoedge.igtl.message import HEADER, header_from
from sonoedge.igtl.outgoing import image_content, message, status_content
from sonoedge.sources import open_source
from sonoedge.sources.igtl import IgtlAddress, IgtlWaits, address_from, igtl
from sonoedge.sources.watch import Watch, WatchRules

WAITS = IgtlWaits(first_s=0.3, next_s=0.3)
STATUS = message("STATUS", "PLUS", status_content(1, "OK", "fine"), 1)


def image(level: int, device: str = "Image", stamp: int = 0) -> bytes:
    pixels = np.full((4, 6), level, np.uint8)
    return message("IMAGE", device, image_content(pixels, (0.2, 0.1)), 1, stamp or level << 32)


class Server:
    """Plays a script to each client that connects."""

    def __init__(self, script: Callable[[socket.socket], None]) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.clients = 0
        self._script = script
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                link, _ = self._socket.accept()
            except OSError:
                return
            self.clients += 1
            with link:
                try:
                    self._script(link)
                except OSError:
                    continue

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)


@pytest.fixture
def serve() -> Generator[Callable[[Callable[[socket.socket], None]], Server], None, None]:
    servers: list[Server] = []

    def start(script: Callable[[socket.socket], None]) -> Server:
        servers.append(Server(script))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def until_left(link: socket.socket) -> None:
    link.settimeout(10)
    link.recv(1)


def why(port: int, before: int = 0, device: str | None = None) -> StreamRefused:
    """How a reading ends, after so many pictures."""
    contents = igtl(IgtlAddress(host="127.0.0.1", port=port, device=device), waits=WAITS)
    with closing(contents), closing(contents.pictures()) as pictures:
        for _ in range(before):
            next(pictures)
        with pytest.raises(StreamRefused) as caught:
            next(pictures)
    return caught.value


@pytest.mark.parametrize(
    ("spec", "address"),
    [
        ("igtl://scanner", IgtlAddress(host="scanner")),
        ("igtl://10.0.0.7:18945/Image_Reference",
         IgtlAddress(host="10.0.0.7", port=18945, device="Image_Reference")),
        ("igtl://[::1]/My%20probe?crc=ignore",
         IgtlAddress(host="::1", device="My probe", check=False)),
        ("igtl://h?version=2", IgtlAddress(host="h", version_2=True)),
        ("igtl://h?crc=ignore&version=2", IgtlAddress(host="h", check=False, version_2=True)),
    ],
)  # fmt: skip
def test_an_address_names_host_port_and_device(spec: str, address: IgtlAddress) -> None:
    assert address_from(spec) == address


@pytest.mark.parametrize(
    "spec",
    [
        "igtl://",
        "igtl://h:0",
        "igtl://h:99999",
        "igtl://u@h",
        "igtl://h?x=1",
        "igtl://h?version=3",
        "igtl://h?crc=ignore&x=1",
        "igtl://h/" + "d" * 21,
    ],
)
def test_what_is_no_address_is_refused(spec: str) -> None:
    with pytest.raises(InvalidSettings):
        open_source(spec)


def test_a_server_that_is_not_there_is_an_error() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(SourceError, match="cannot be reached"):
        open_source(f"igtl://127.0.0.1:{port}")


def test_the_first_device_that_comes_is_kept_to(serve: Callable[..., Server]) -> None:
    def script(link: socket.socket) -> None:
        link.sendall(STATUS + image(1, "a") + image(2, "b") + image(3, "a"))
        until_left(link)

    contents = igtl(IgtlAddress(host="127.0.0.1", port=serve(script).port), waits=WAITS)
    with closing(contents), closing(contents.pictures()) as pictures:
        read = list(islice(pictures, 2))
    assert [p.pixels[0, 0] for p in read] == [1, 3]
    assert read[0].spacing_mm == pytest.approx((0.2, 0.1))
    assert all(p.stamped and p.captured_ns is not None for p in read)


def test_a_stamp_that_stands_still_makes_no_new_picture(serve: Callable[..., Server]) -> None:
    def script(link: socket.socket) -> None:
        link.sendall(image(1, stamp=7) + image(1, stamp=7) + image(1, stamp=8))
        until_left(link)

    contents = igtl(IgtlAddress(host="127.0.0.1", port=serve(script).port), waits=WAITS)
    with closing(contents), closing(contents.pictures()) as pictures:
        assert [p.stamped for p in islice(pictures, 3)] == [True, False, True]


def with_metadata(pixels: bytes, key: bytes, value: bytes) -> bytes:
    content = pixels[HEADER.size :]
    index = struct.pack(">HHHI", 1, len(key), 3, len(value))
    body = struct.pack(">HHII", 12, len(index), len(key) + len(value), 0) + content
    body += index + key + value
    return HEADER.pack(2, b"IMAGE", b"Image", 1, 0, len(body), crc64()(body)) + body


@pytest.mark.parametrize(
    ("value", "spacing"), [(b"98.5", (0.0985, 0.0985)), (b"0", (0.2, 0.1)), (b"one", (0.2, 0.1))]
)
def test_a_server_that_hears_version_2_tells_a_probes_own_spacing(
    serve: Callable[..., Server], value: bytes, spacing: tuple[float, float]
) -> None:
    heard: list[bytes] = []

    def script(link: socket.socket) -> None:
        heard.append(link.recv(4096))
        link.sendall(with_metadata(image(1), b"micronsPerPixel", value))
        until_left(link)

    port = serve(script).port
    contents = igtl(IgtlAddress(host="127.0.0.1", port=port, version_2=True), waits=WAITS)
    with closing(contents), closing(contents.pictures()) as pictures:
        assert next(pictures).spacing_mm == pytest.approx(spacing)
    assert header_from(heard[0][: HEADER.size]).version == 2


def test_a_matrix_in_micrometres_is_no_spacing(serve: Callable[..., Server]) -> None:
    def script(link: socket.socket) -> None:
        content = image_content(np.zeros((4, 6), np.uint8), (200.0, 200.0))
        link.sendall(message("IMAGE", "Image", content, 1))
        until_left(link)

    contents = igtl(IgtlAddress(host="127.0.0.1", port=serve(script).port), waits=WAITS)
    with closing(contents), closing(contents.pictures()) as pictures:
        assert next(pictures).spacing_mm is None


def _half_header(link: socket.socket) -> None:
    link.sendall(image(1)[:30])


def _half_body(link: socket.socket) -> None:
    link.sendall(image(1)[:-5])


def _huge(link: socket.socket) -> None:
    link.sendall(HEADER.pack(1, b"IMAGE", b"d", 1, 0, 1 << 62, 0))
    until_left(link)


def _damaged(link: socket.socket) -> None:
    link.sendall(image(1)[:-1] + b"\xff")
    until_left(link)


def _silent(link: socket.socket) -> None:
    until_left(link)


def _keep_alives(link: socket.socket) -> None:
    while True:
        link.sendall(STATUS)
        time.sleep(0.05)


def _video(link: socket.socket) -> None:
    link.sendall(message("VIDEO", "d", b"h264", 1))
    until_left(link)


def _dribble(link: socket.socket) -> None:
    for byte in STATUS * 99:
        link.sendall(bytes([byte]))
        time.sleep(0.02)


@pytest.mark.req("R59", "R60")
@pytest.mark.parametrize(
    ("script", "token"),
    [
        (_half_header, "CLOSED_IN_MESSAGE"),
        (_half_body, "CLOSED_IN_MESSAGE"),
        (_huge, "BODY_TOO_LARGE"),
        (_damaged, "BAD_CHECKSUM"),
        (_silent, "TIMEOUT"),
        (_keep_alives, "TIMEOUT"),
        (_dribble, "TIMEOUT"),
        (_video, "UNSUPPORTED_TYPE"),
        (lambda link: None, "CLOSED"),
    ],
)
def test_each_way_in_which_a_server_fails_has_its_token(
    serve: Callable[..., Server], script: Callable[[socket.socket], None], token: str
) -> None:
    assert why(serve(script).port).why == token


def test_what_came_in_place_of_a_picture_is_told(serve: Callable[..., Server]) -> None:
    def script(link: socket.socket) -> None:
        link.sendall(STATUS + image(1, "Other"))
        until_left(link)

    message = str(why(serve(script).port, device="Image"))
    assert "a picture of Image" in message
    assert "IMAGE Other (1)" in message


@pytest.mark.req("R60")
def test_keep_alives_refresh_no_picture_and_a_server_that_returns_is_used_again(
    serve: Callable[..., Server],
) -> None:
    rounds: list[int] = []

    def script(link: socket.socket) -> None:
        rounds.append(1)
        link.sendall(image(len(rounds)))
        for _ in range(200):
            link.sendall(STATUS)
            time.sleep(0.02)

    server = serve(script)
    address = IgtlAddress(host="127.0.0.1", port=server.port)
    rules = WatchRules(lost_after_ms=400, open_ms=2000, pause_ms=50, longest_pause_ms=100)
    watch = Watch(lambda: igtl(address, waits=WAITS), rules=rules)
    try:
        first = watch.take(5.0)
        assert first is not None
        assert first.pixels[0, 0] == 1
        lost, end = False, time.monotonic() + 20
        second = None
        while second is None and time.monotonic() < end:
            second = watch.take(0.02)
            lost = lost or watch.status().lost is Reason.SOURCE_LOST
        assert lost
        assert second is not None
        assert second.pixels[0, 0] == 2
        assert watch.status().reconnects == 1
    finally:
        watch.close()
