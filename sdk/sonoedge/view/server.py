"""The page's server: its files and one WebSocket, on loopback alone.

A viewer has one picture under way: the newest is sent when it says that the one before is
drawn. A viewer that is slow, hidden or hangs costs a place in the list and no more.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import threading
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Final

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from sonoedge.closing import Closing
from sonoedge.errors import OutputError
from sonoedge.loopback import HOST, check_port
from sonoedge.view.access import Access
from sonoedge.view.feed import ViewFeed

SOCKET: Final = "/live"
MAX_VIEWERS: Final = 8
STATE_S: Final = 0.2
TOKEN_S: Final = 5.0
CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
FILES: Final = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/view.css": ("view.css", "text/css; charset=utf-8"),
    **{
        f"/{name}.js": (f"{name}.js", "text/javascript; charset=utf-8")
        for name in ("view", "cine", "panel", "picture")
    },
}
_PAGE = Path(__file__).with_name("page")
_QUIET = logging.getLogger("sonoedge.view.server")
_QUIET.setLevel(logging.CRITICAL + 1)  # a stranger fills no log


class ViewServer(Closing):
    """Serves the page on a thread of its own until it is closed.

    Args:
        feed: what to show.
        state: the newest state message; called on the server's thread.
        port: to listen on; 0 takes a free one.

    Raises:
        InvalidSettings: it is no port.
        OutputError: the port cannot be listened on.
    """

    def __init__(self, feed: ViewFeed, state: Callable[[], str], *, port: int = 0) -> None:
        check_port(port)
        self._feed, self._state = feed, state
        self._viewers: dict[ServerConnection, asyncio.Event] = {}
        self._connections = 0
        self._why = "closed"
        self._failures: list[OSError] = []
        self._up, self._seen = threading.Event(), threading.Event()
        self._files = {
            path: ((_PAGE / name).read_bytes(), kind) for path, (name, kind) in FILES.items()
        }
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._thread = threading.Thread(
            target=self._run, args=(port,), name="sonoedge-view", daemon=True
        )
        self._thread.start()
        self._up.wait()
        for failure in self._failures:
            self._thread.join()
            raise OutputError(
                f"cannot listen on {HOST}:{port}: {failure.strerror}; give another --port"
            ) from failure
        feed.tell(lambda: self._call(self._wake))

    @property
    def url(self) -> str:
        """The page's address. Who has it may look."""
        return f"http://{HOST}:{self.access.port}/#{self.access.token}"

    def wait_for_viewer(self, timeout_s: float) -> bool:
        """Whether a viewer has come since the beginning."""
        return self._seen.wait(timeout_s)

    def close(self, why: str = "closed") -> None:
        """Tell the viewers why, and end. Closing twice is harmless.

        Args:
            why: at most 100 characters.
        """
        self._why = why if self._thread.is_alive() and self._why == "closed" else self._why
        self._call(self._over.set)
        self._thread.join(3.0)

    def _call(self, what: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(what)

    def _wake(self) -> None:
        for fresh in self._viewers.values():
            fresh.set()

    def _run(self, port: int) -> None:
        try:
            self._loop.run_until_complete(self._listen(port))
        finally:
            self._up.set()
            self._loop.close()

    async def _listen(self, port: int) -> None:
        try:
            server = await serve(
                self._view,
                HOST,
                port,
                process_request=self._request,
                compression=None,
                max_size=4096,
                max_queue=4,
                open_timeout=TOKEN_S,
                close_timeout=1.0,
                server_header=None,
                logger=_QUIET,
            )
        except OSError as error:
            self._failures.append(error)
            return
        self.access = Access(
            port=next(iter(server.sockets)).getsockname()[1], token=secrets.token_urlsafe(32)
        )
        self._up.set()
        await self._over.wait()
        self._feed.watched = False
        server.close(code=1001, reason=self._why)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(server.wait_closed(), 2.0)

    def _request(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer a file or a refusal; None lets the WebSocket be opened."""
        refusal = self.access.host_refusal(request.headers.get_all("Host"))
        if refusal is None and request.path == SOCKET:
            refusal = self.access.origin_refusal(request.headers.get_all("Origin"))
            if refusal is None:
                return None
        if refusal is not None:
            return _answer(refusal, b"refused\n", "text/plain")
        if request.path not in self._files:
            return _answer(HTTPStatus.NOT_FOUND, b"not here\n", "text/plain")
        return _answer(HTTPStatus.OK, *self._files[request.path])

    async def _view(self, viewer: ServerConnection) -> None:
        if self._connections >= MAX_VIEWERS:
            await viewer.close(1013, "too many viewers")
            return
        self._connections += 1
        try:
            await self._admitted(viewer)
        except ConnectionClosed:
            return
        finally:
            self._connections -= 1

    async def _admitted(self, viewer: ServerConnection) -> None:
        try:
            first = await asyncio.wait_for(viewer.recv(), TOKEN_S)
        except (asyncio.TimeoutError, TimeoutError):
            first = ""
        if not self.access.knows(first):
            await viewer.close(1008, "wrong token")
            return
        fresh, drawn = asyncio.Event(), asyncio.Event()
        self._viewers[viewer] = fresh
        self._feed.watched = True
        self._seen.set()
        tasks = [
            asyncio.ensure_future(each)
            for each in (
                self._pictures(viewer, fresh, drawn),
                self._states(viewer),
                _acknowledged(viewer, drawn),
            )
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            del self._viewers[viewer]
            self._feed.watched = bool(self._viewers)

    async def _pictures(
        self, viewer: ServerConnection, fresh: asyncio.Event, drawn: asyncio.Event
    ) -> None:
        last, drawn_ms = -1, None
        while True:
            newest = self._feed.newest(last, drawn_ms)
            if newest is None:
                fresh.clear()
                await fresh.wait()
                continue
            last = newest.frame_id
            drawn.clear()
            await viewer.send(newest.message)
            await drawn.wait()
            drawn_ms = self._feed.since_ms(newest)

    async def _states(self, viewer: ServerConnection) -> None:
        while True:
            await viewer.send(self._state())
            await asyncio.sleep(STATE_S)


async def _acknowledged(viewer: ServerConnection, drawn: asyncio.Event) -> None:
    """Hear the viewer say that he has drawn; whatever else he says ends it."""
    async for message in viewer:
        if message != "drawn":
            await viewer.close(1008, "unknown message")
            return
        drawn.set()


def _answer(status: HTTPStatus, body: bytes, kind: str) -> Response:
    headers = Headers(
        {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Content-Security-Policy": CSP,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "no-store",
            "Connection": "close",
        }
    )
    return Response(status.value, status.phrase, headers, body)
