"""Metrics over HTTP, on this machine's loopback alone."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Final

from sonoedge.errors import OutputError
from sonoedge.loopback import HOST, check_port, names_us

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
REQUEST_S: Final = 2.0


class MetricsPort:
    """Answers `GET /metrics`, one request at a time, on a thread of its own.

    A request must name the machine as `127.0.0.1` or `localhost`, with the port: a web page's
    script, whose name was bound to this address, names another host and is refused.

    Args:
        port: 0 takes a free one.
        text: makes the text; called on that thread.

    Attributes:
        port: where it listens.

    Raises:
        InvalidSettings: it is no port.
        OutputError: it cannot be had.
    """

    def __init__(self, port: int, text: Callable[[], str]) -> None:
        check_port(port)
        try:
            self._server = _Server((HOST, port), _Request)
        except OSError as error:
            raise OutputError(f"cannot listen at {HOST}:{port}: {error.strerror}") from error
        self.port = self._server.server_port
        self._server.text = text
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="sonoedge-metrics-port", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop to answer. Closing twice is harmless."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(REQUEST_S)


class _Server(HTTPServer):
    text: Callable[[], str]
    allow_reuse_address = True

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        connection.settimeout(
            REQUEST_S
        )  # whoever connects and says nothing holds up others so long
        return connection, address

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever asks may go in the middle of it: that is no news."""


class _Request(BaseHTTPRequestHandler):
    server: _Server
    server_version = "sonoedge"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer."""
        if not names_us(self.headers.get_all("Host", []), self.server.server_port):
            self._answer(421, "name this machine as 127.0.0.1 or localhost\n")
        elif self.path != "/metrics":
            self._answer(404, "see /metrics\n")
        else:
            self._answer(200, self.server.text())

    def _answer(self, code: int, text: str) -> None:
        data = text.encode("ascii")
        self.send_response(code)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(data)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """As plain text: nothing of a request is said again."""
        self._answer(code, "this request is not answered\n")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a scrape every few seconds is no news, and a path may say anything."""
