"""The page's server, spoken to over a socket."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

pytest.importorskip("websockets", reason="needs the extra view")

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from sonoedge.errors import InvalidSettings, OutputError
from sonoedge.view.feed import ViewFeed
from sonoedge.view.server import FILES, ViewServer
from view_samples import add, analysed, served


def status_of(server: ViewServer, path: str, host: str | None, origin: str | None) -> int:
    """The answer to a request; an opening of a WebSocket where the path is /live."""
    words = [f"GET {path} HTTP/1.1", *([] if host is None else [f"Host: {host}"])]
    words += [] if origin is None else [f"Origin: {origin}"]
    if path == "/live":
        words += ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
        words += ["Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="]
    with socket.create_connection(("127.0.0.1", server.access.port), 5) as stream:
        stream.sendall("\r\n".join([*words, "", ""]).encode())
        return int(stream.makefile("rb").readline().split()[1])


@contextmanager
def viewer(server: ViewServer, token: str | None = None) -> Iterator[ClientConnection]:
    port = server.access.port
    own = f"127.0.0.1:{port}"
    with connect(f"ws://{own}/live", origin=f"http://{own}", compression=None) as peer:
        peer.send(server.access.token if token is None else token)
        yield peer


def picture(peer: ClientConnection, timeout: float = 5.0) -> bytes | None:
    """The next picture; None where states alone come for so long."""
    for _ in range(round(timeout / 0.2)):
        message = peer.recv(5)
        if isinstance(message, bytes):
            return message
    return None


@pytest.mark.req("R63")
def test_foreign_hosts_and_origins_are_refused_and_the_right_ones_let_in() -> None:
    with served(ViewFeed()) as server:
        own = f"127.0.0.1:{server.access.port}"
        for path in (*FILES, "/live", "/nothing"):
            for host in ("evil.example", f"127.0.0.1.evil.example:{server.access.port}"):
                assert status_of(server, path, host, f"http://{host}") == 421
        for origin in (None, "null", "http://evil.example"):
            assert status_of(server, "/live", own, origin) == 403
        assert status_of(server, "/live", own, f"http://{own}") == 101
        assert status_of(server, "/nothing", own, None) == 404
        assert status_of(server, "/", own, None) == 200


@pytest.mark.req("R63")
def test_nothing_is_sent_to_who_does_not_know_the_token() -> None:
    with served(ViewFeed()) as server, viewer(server, "guess") as peer:
        with pytest.raises(ConnectionClosed) as closed:
            peer.recv(5)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008
        assert not server.wait_for_viewer(0)


def test_files_come_with_a_policy_that_lets_no_other_host_in() -> None:
    with served(ViewFeed()) as server:
        for path in FILES:
            peer = http.client.HTTPConnection("127.0.0.1", server.access.port, timeout=5)
            peer.request("GET", path)
            answer = peer.getresponse()
            body = answer.read().decode()
            policy = answer.headers["Content-Security-Policy"]
            peer.close()
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "https://" not in body
            assert server.access.token not in body
            assert answer.headers["Server"] is None


@pytest.mark.req("R63")
def test_one_picture_is_under_way_and_the_newest_comes_next() -> None:
    feed = ViewFeed()
    with served(feed) as server, viewer(server) as peer:
        assert server.wait_for_viewer(5)
        add(feed, analysed(0))
        first = picture(peer)
        assert first is not None
        assert b'"frame":0' in first
        for i in range(1, 50):
            add(feed, analysed(i))
        assert picture(peer, 0.6) is None
        peer.send("drawn")
        second = picture(peer)
        assert second is not None
        assert b'"frame":49' in second


def test_the_end_is_told_with_its_reason_and_a_taken_port_is_an_error() -> None:
    with served(ViewFeed()) as server, viewer(server) as peer:
        assert server.wait_for_viewer(5)
        with pytest.raises(OutputError, match="give another --port"):
            ViewServer(ViewFeed(), lambda: "{}", port=server.access.port)
        server.close("the source has ended")
        with pytest.raises(ConnectionClosed) as closed:
            picture(peer)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.reason == "the source has ended"


@pytest.mark.parametrize("port", [-1, 65536])
def test_what_is_no_port_is_refused_before_a_thread_begins(port: int) -> None:
    with pytest.raises(InvalidSettings, match="is no port"):
        ViewServer(ViewFeed(), lambda: "{}", port=port)
