"""Results to OpenIGTLink clients: ours, Debian's C++ library, and pyigtl."""

from __future__ import annotations

import itertools
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from sonoedge.analysis import Analysed, NotAnalysed
from sonoedge.errors import InvalidSettings, OutputError
from sonoedge.frames import Frame
from sonoedge.igtl.image import image_from
from sonoedge.igtl.inbox import Inbox
from sonoedge.igtl.message import Message
from sonoedge.igtl.outgoing import message, polydata_content, status_content
from sonoedge.sinks.bulletin import bulletin
from sonoedge.sinks.igtl import IgtlServer

EXAMPLES = Path("/usr/share/doc/openigtlink-examples/examples")


class Client:
    def __init__(self, port: int) -> None:
        self.link = socket.create_connection(("127.0.0.1", port), 5)
        self._inbox = Inbox(self._read)

    def _read(self, room: memoryview, until_s: float) -> int:
        self.link.settimeout(max(0.01, until_s - time.monotonic()))
        return self.link.recv_into(room)

    def next(self, kind: str, text: bytes = b"") -> Message:
        """The next message of a type that holds a text."""
        while True:
            received = self._inbox.next(time.monotonic() + 10)
            if received.header.type == kind and text in bytes(received.content):
                return received

    def any(self) -> Message:
        """The next message, whatever it is."""
        return self._inbox.next(time.monotonic() + 10)

    def close(self) -> None:
        self.link.close()


@pytest.fixture
def server() -> Generator[IgtlServer, None, None]:
    with IgtlServer(0) as server:
        yield server


def test_a_client_is_told_the_state_at_once(server: IgtlServer) -> None:
    with closing(Client(server.port)) as client:
        assert b"STARTING" in bytes(client.next("STATUS").content)


@pytest.mark.req("R60")
def test_a_client_is_sent_version_2_only_after_it_has_sent_it(
    server: IgtlServer, analysed: Callable[..., Analysed]
) -> None:
    with closing(Client(server.port)) as client:
        for _ in range(3):
            server.submit(analysed())
            assert client.next("POLYDATA").header.version == 1
        client.link.sendall(message("STATUS", "s", status_content(1, "OK", ""), 2))
        end = time.monotonic() + 10
        while time.monotonic() < end:
            server.submit(analysed())
            if client.next("POLYDATA").header.version == 2:
                return
        raise AssertionError("version 2 was never sent")


@pytest.mark.req("R60")
def test_a_peer_that_does_not_read_delays_nobody_and_is_left(
    server: IgtlServer, analysed: Callable[..., Analysed]
) -> None:
    with closing(Client(server.port)) as stalled, closing(Client(server.port)) as client:
        stalled.link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        end, left = time.monotonic() + 30, False
        while not left and time.monotonic() < end:
            for _ in range(20):
                server.submit(analysed(regions=64))
            client.next("POLYDATA")  # the other one goes on
            left = sum(t.name == "sonoedge-igtl-peer" for t in threading.enumerate()) == 1
        assert left


@pytest.mark.req("R60")
def test_results_that_end_are_not_left_standing(analysed: Callable[..., Analysed]) -> None:
    with IgtlServer(0, stale_s=0.2) as server, closing(Client(server.port)) as client:
        server.submit(analysed())
        assert len(client.next("POLYDATA", b"\0\0\0\3").content) > 40
        assert b"NOT ANALYSED: STALE" in bytes(client.next("STATUS", b"STALE").content)
        assert bytes(client.next("POLYDATA").content) == bytes(40)


def test_a_lost_source_is_told_once(server: IgtlServer) -> None:
    with closing(Client(server.port)) as client:
        for _ in range(5):
            server.lost("SOURCE_LOST")
        assert b"NOT ANALYSED: SOURCE_LOST" in bytes(client.next("STATUS", b"SOURCE_LOST").content)
        server.lost("OTHER")
        assert b"OTHER" in bytes(client.next("STATUS").content)


def test_nobody_else_can_reach_it_unless_asked(server: IgtlServer) -> None:
    assert server._socket.getsockname()[0] == "127.0.0.1"
    with pytest.raises(OutputError, match="cannot listen"):
        IgtlServer(server.port)
    with pytest.raises(OutputError, match=r"192\.0\.2\.1:\d+: [A-Z][a-z ]+; give another"):
        IgtlServer(0, "192.0.2.1")
    with pytest.raises(InvalidSettings):
        IgtlServer(70_000)


def test_closing_leaves_no_thread_behind(analysed: Callable[..., Analysed]) -> None:
    server = IgtlServer(0)
    with closing(Client(server.port)) as client:
        server.submit(analysed())
        client.next("POLYDATA")
        server.close()
        server.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("sonoedge-igtl")]


def test_a_fifth_client_is_turned_away_and_a_place_becomes_free(server: IgtlServer) -> None:
    clients = [Client(server.port) for _ in range(4)]
    for client in clients:
        client.next("STATUS")
    with closing(Client(server.port)) as fifth, pytest.raises(Exception, match=r"CLOSED|LINK"):
        fifth.next("STATUS")
    for client in clients:
        client.close()
    end = time.monotonic() + 10
    while any(t.name == "sonoedge-igtl-peer" for t in threading.enumerate()):
        assert time.monotonic() < end
        time.sleep(0.02)
    with closing(Client(server.port)) as client:
        client.next("STATUS")


@pytest.fixture
def shows() -> Generator[IgtlServer, None, None]:
    with IgtlServer(0, pictures=True) as server:
        yield server


PIXELS = np.arange(48 * 64, dtype=np.uint8).reshape(48, 64)


def pictures_of(server: IgtlServer, analysed: Callable[..., Analysed]) -> Callable[[], None]:
    """What gives a frame and its analysis, each time with another number."""
    numbers = itertools.count(1)

    def give() -> None:
        number = next(numbers)
        server.submitted(number, Frame(pixels=PIXELS, spacing_mm=(0.25, 0.5)))
        server.submit(analysed(regions=0, frame_id=number))

    return give


def test_pictures_are_sent_only_where_they_were_asked_for(
    server: IgtlServer, shows: IgtlServer, analysed: Callable[..., Analysed]
) -> None:
    for each, expected in ((server, "STATUS"), (shows, "IMAGE")):
        with closing(Client(each.port)) as client:
            client.next("POLYDATA")
            pictures_of(each, analysed)()
            client.next("POLYDATA")
            each.lost("SOURCE_LOST")
            assert client.any().header.type == expected


@pytest.mark.req("R60")
def test_a_lost_source_leaves_no_picture_standing(
    shows: IgtlServer, analysed: Callable[..., Analysed]
) -> None:
    with closing(Client(shows.port)) as client:
        pictures_of(shows, analysed)()
        shown = image_from(client.next("IMAGE"))
        assert np.array_equal(shown.pixels[:48, :64, 0], PIXELS)
        shows.lost("SOURCE_LOST")
        assert not image_from(client.next("IMAGE")).pixels[:48].any()


def told(words: list[str], expected: str, give: Callable[[], None]) -> str:
    """What a program prints of what it is told, until it has printed something."""
    seen = ""
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        reading = threading.Thread(target=_collect, args=(process, lines := []), daemon=True)
        reading.start()
        try:
            end = time.monotonic() + 30
            while expected not in seen and time.monotonic() < end:
                give()
                time.sleep(0.05)
                seen = "".join(lines)
        finally:
            process.kill()
            reading.join(5)
    return seen


def _collect(process: subprocess.Popen[bytes], lines: list[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line.decode(errors="replace"))


def program(name: str, folder: Path) -> str:
    if shutil.which("g++") is None or not EXAMPLES.is_dir():
        pytest.skip("needs g++ and Debian's libopenigtlink-dev and openigtlink-examples")
    made = folder / Path(name).name
    words = ["g++", "-w", "-I/usr/include/openigtlink", str(EXAMPLES / f"{name}.cxx")]
    subprocess.run([*words, "-o", str(made), "-lOpenIGTLink", "-lpthread"], check=True, timeout=120)
    return str(made)


@pytest.mark.req("R60")
def test_the_c_librarys_receiver_prints_state_and_text(
    server: IgtlServer, refused: NotAnalysed, tmp_path: Path
) -> None:
    receiver = ["stdbuf", "-o0", program("Receiver/ReceiveClient", tmp_path)]
    words = [*receiver, "127.0.0.1", str(server.port)]
    seen = told(words, "NOT ANALYSED", lambda: server.submit(refused))
    assert "NOT ANALYSED: CAPTURE_CLOCK_NOT_MONOTONIC, NO_CONTACT" in seen, seen


@pytest.mark.req("R60")
def test_the_c_librarys_receiver_prints_a_pictures_size_and_spacing(
    shows: IgtlServer, analysed: Callable[..., Analysed], tmp_path: Path
) -> None:
    words = ["stdbuf", "-o0", program("Receiver/ReceiveClient", tmp_path)]
    words += ["127.0.0.1", str(shows.port)]
    seen = told(words, "Sub-Volume", pictures_of(shows, analysed))
    assert "(640, 108, 1)" in seen, seen  # the frame, and its bar
    assert "(0.5, 0.25, 1)" in seen, seen


@pytest.mark.req("R60")
def test_the_c_librarys_client_prints_our_contours(
    analysed: Callable[..., Analysed], tmp_path: Path
) -> None:
    client = program("PolyData/PolyDataClient", tmp_path)
    contours = message("POLYDATA", "r", polydata_content(bulletin(analysed()).contours), 1)
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        words = [client, "127.0.0.1", str(listening.getsockname()[1])]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            lines: list[str] = []
            reading = threading.Thread(target=_collect, args=(process, lines), daemon=True)
            reading.start()
            listening.settimeout(30)
            link, _ = listening.accept()
            with link:
                link.sendall(contours)
                end = time.monotonic() + 30
                while "Polygons" not in "".join(lines) and time.monotonic() < end:
                    time.sleep(0.02)
            process.kill()
            reading.join(5)
    seen = " ".join("".join(lines).split())
    for point in ("5, 2, 0", "15, 2, 0", "15, 6, 0"):
        assert point in seen, seen


PYIGTL_PICTURE = """
import sys
import pyigtl
client = pyigtl.OpenIGTLinkClient(host="127.0.0.1", port=int(sys.argv[1]))
message = client.wait_for_message("SonoedgePicture", timeout=20)
pixels = message.image  # slices, rows, columns, colours
print(pixels.shape, pixels[0, :48, :64].tobytes().hex(), flush=True)
"""


@pytest.mark.req("R60")
def test_a_picture_is_the_same_in_pyigtl(
    shows: IgtlServer, analysed: Callable[..., Analysed]
) -> None:
    pytest.importorskip("pyigtl", reason="needs pyigtl")
    words = [sys.executable, "-u", "-W", "ignore", "-c", PYIGTL_PICTURE, str(shows.port)]
    seen = told(words, "\n", pictures_of(shows, analysed))
    assert seen.startswith("(1, 108, 640, 3) "), seen[:300]
    assert np.repeat(PIXELS, 3).tobytes().hex() in seen


PYIGTL = """
import sys, time
import pyigtl
client = pyigtl.OpenIGTLinkClient(host="127.0.0.1", port=int(sys.argv[1]))
while True:
    message = client.wait_for_message("sonoedge", timeout=5)
    print(message, flush=True)
"""


def test_pyigtl_reads_the_text(server: IgtlServer, analysed: Callable[..., Analysed]) -> None:
    pytest.importorskip("pyigtl", reason="needs pyigtl")
    words = [sys.executable, "-u", "-W", "ignore", "-c", PYIGTL, str(server.port)]
    seen = told(words, "suspicious region", lambda: server.submit(analysed()))
    assert "1 suspicious region" in seen, seen
