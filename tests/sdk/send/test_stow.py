from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pydicom", reason="needs the extra dicom")

from archives import free_port, orthanc
from sonoedge.send.delivery import Delivery, Outcome
from sonoedge.send.instances import Instance, instances
from sonoedge.send.stow import MOST_ANSWER, store

Answer = Callable[[bytes], tuple[int, bytes]]


def send(folder: Path, url: str, **changes: Any) -> list[Delivery]:
    return list(store(instances(folder), url, **({"timeout_s": 5.0} | changes)))


@pytest.mark.req("R57")
def test_orthanc_stores_the_same_bytes_and_again_leaves_it_as_it_is(
    folder: Path, tmp_path: Path
) -> None:
    with orthanc(tmp_path) as archive:
        for _ in range(2):
            deliveries = send(folder, f"{archive.url}/studies", timeout_s=20.0)
            assert [d.outcome for d in deliveries] == [Outcome.STORED] * 4, deliveries
            assert archive.counts() == (1, 4, 4)
        sent = {path.read_bytes() for path in folder.glob("*.dcm")}
        names = json.loads(archive.get("/instances"))
        assert {archive.get(f"/instances/{name}/file") for name in names} == sent
        assert {d.outcome for d in send(folder, f"{archive.url}/none")} == {Outcome.REFUSED}


@contextmanager
def service(answer: Answer) -> Iterator[tuple[str, list[Any]]]:
    seen: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append(self.headers)
            status, data = answer(body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            with suppress(ConnectionError):  # the client has stopped to wait
                self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/studies", seen
        finally:
            server.shutdown()
            thread.join()


def said(uid: str, tag: str = "00081199", **more: Any) -> bytes:
    item = {"00081155": {"vr": "UI", "Value": [uid]}, **more}
    return json.dumps({tag: {"vr": "SQ", "Value": [item]}}).encode()


@pytest.mark.req("R57")
@pytest.mark.parametrize(
    ("status", "make", "outcome", "detail"),
    [
        (200, lambda uid: said(uid), Outcome.STORED, ""),
        (
            202,
            lambda uid: said(uid, **{"00081196": {"vr": "US", "Value": [0xB000]}}),
            Outcome.WARNING,
            "0xB000",
        ),
        (200, lambda uid: b"{}", Outcome.REFUSED, "HTTP 200, and the answer does not name it"),
        (200, lambda uid: b"", Outcome.REFUSED, "HTTP 200, and the answer does not name it"),
        (200, lambda uid: said("1.2.3"), Outcome.REFUSED, "does not name it as stored"),
        (200, lambda uid: b"<html>", Outcome.REFUSED, "does not name it as stored"),
        (200, lambda uid: b'{"00081199": [1]}', Outcome.REFUSED, "does not name it as stored"),
        (200, lambda uid: b" " * (MOST_ANSWER + 2), Outcome.REFUSED, "does not name it"),
        (
            409,
            lambda uid: said(uid, "00081198", **{"00081197": {"vr": "US", "Value": [0xA700]}}),
            Outcome.REFUSED,
            "HTTP 409, 0xA700",
        ),
        (401, lambda uid: b"", Outcome.REFUSED, "HTTP 401"),
        (302, lambda uid: said(uid), Outcome.REFUSED, "HTTP 302"),
    ],
)
def test_what_is_stored_is_what_the_answer_names(
    one: Path, status: int, make: Callable[[str], bytes], outcome: Outcome, detail: str
) -> None:
    uid = instances(one)[0].uid
    with service(lambda body: (status, make(uid))) as (url, _):
        (delivery,) = send(one, url)
    assert delivery.outcome is outcome
    assert detail in delivery.detail


def test_the_request_is_whole_and_carries_its_authorization(one: Path) -> None:
    data = (one / "sr.dcm").read_bytes()
    bodies: list[bytes] = []

    def answer(body: bytes) -> tuple[int, bytes]:
        bodies.append(body)
        return 200, b"{}"

    with service(answer) as (url, seen):
        send(one, url, authorization="Bearer abc")
    (headers,), (body,) = seen, bodies
    assert headers["Authorization"] == "Bearer abc"
    boundary = headers["Content-Type"].split("boundary=")[1]
    head, rest = body.split(b"\r\n\r\n", 1)
    assert head.startswith(f"--{boundary}\r\nContent-Type: application/dicom".encode())
    assert rest == data + f"\r\n--{boundary}--\r\n".encode()


def test_nobody_there_is_no_answer_and_nothing_more_is_sent(folder: Path) -> None:
    deliveries = send(folder, f"http://127.0.0.1:{free_port()}/studies")
    assert [d.outcome for d in deliveries] == [Outcome.NO_ANSWER, *[Outcome.NOT_SENT] * 3]


@pytest.mark.parametrize("host", ["archive.invalid", "a" * 64 + ".invalid"])
def test_a_host_that_nobody_knows_is_no_answer(one: Path, host: str) -> None:
    (delivery,) = send(one, f"http://{host}/studies")
    assert (delivery.outcome, delivery.detail) == (
        Outcome.NO_ANSWER,
        "the name of the host is not known here",
    )


def test_an_answer_that_does_not_come_is_no_answer(one: Path) -> None:
    held = threading.Event()

    def answer(body: bytes) -> tuple[int, bytes]:
        held.wait(5)
        return 200, b"{}"

    with service(answer) as (url, _):
        (delivery,) = send(one, url, timeout_s=0.3)
        held.set()
    assert (delivery.outcome, delivery.detail) == (Outcome.NO_ANSWER, "TimeoutError")


@contextmanager
def peer(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """The address of one that accepts once, and then does what it is told to."""

    def accept(server: socket.socket) -> None:
        link, _ = server.accept()
        with link, suppress(OSError):  # the client has stopped to wait
            talk(link)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=accept, args=(server,))
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/studies"
        thread.join()


@pytest.mark.req("R57")
@pytest.mark.parametrize(
    "begin", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"]
)
def test_an_answer_that_never_gets_whole_is_no_answer(one: Path, begin: bytes) -> None:
    def drip(link: socket.socket) -> None:
        link.recv(65536)
        link.sendall(begin)
        for _ in range(200):  # 10 s at least
            link.sendall(b" ")
            time.sleep(0.05)

    with peer(drip) as url:
        (delivery,) = send(one, url, timeout_s=0.5)
    assert (delivery.outcome, delivery.detail) == (Outcome.NO_ANSWER, "TimeoutError")


def test_a_slow_archive_that_goes_on_reading_gets_the_whole_of_a_large_file(
    tmp_path: Path,
) -> None:
    large = tmp_path / "overlay.dcm"
    large.write_bytes(bytes(24 << 20))
    instance = Instance(path=large, sop_class="1.2", uid="1.2.3", syntax="1.2.4")

    def read(link: socket.socket) -> None:
        left = len(large.read_bytes())
        while left > 0:  # 3.6 s in all; a little more comes than the file
            time.sleep(0.15)
            left -= len(link.recv(1 << 20, socket.MSG_WAITALL)) or left  # the client has left
        link.settimeout(0.1)
        with suppress(TimeoutError):
            link.recv(65536)
        data = said("1.2.3")
        link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(data) + data)

    with peer(read) as url:
        (delivery,) = store([instance], url, timeout_s=2.0)
    assert delivery.outcome is Outcome.STORED, delivery
