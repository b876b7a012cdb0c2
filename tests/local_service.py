"""A service in this process: a real session behind it, its loop in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sonoedge
from service_client import Peer
from sonoedge import EngineOptions
from sonoedge.service.endpoint import listen
from sonoedge.service.loop import Clients, Loop, Observer
from sonoedge.session import LiveSession

TINY = Path(__file__).parent / "data" / "tiny"
LONG_MS = 60_000.0  # older than any test: age is not what it is about


@dataclass
class Service:
    """A service under test."""

    path: Path
    session: LiveSession

    def connect(self, stream: str | None = "") -> Peer:
        return Peer(self.path, stream)


MakeService = Callable[..., Service]


@contextmanager
def local_service(
    path: Path, max_age_ms: float = LONG_MS, observers: tuple[Observer, ...] = ()
) -> Iterator[Service]:
    """Serve the tiny bundle at a path."""
    clients, ended = Clients(), threading.Event()
    with (
        listen(path) as endpoint,
        sonoedge.live(
            TINY,
            clients.deliver,
            max_age_ms,
            "thread",
            engine=EngineOptions(runtime="onnxruntime", threads=1),
        ) as session,
    ):
        loop = Loop(session, endpoint, clients, max_age_ms=max_age_ms, observers=observers)
        thread = threading.Thread(target=loop.run, args=(lambda: not ended.is_set(),))
        thread.start()
        try:
            yield Service(path, session)
        finally:
            ended.set()
            thread.join(10)
            assert not thread.is_alive()
