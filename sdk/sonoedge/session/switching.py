"""`LiveSession.switch`: the next bundle's engine is loaded while the present one works."""

from __future__ import annotations

import threading
from typing import Final

from sonoedge.analysis import Origin
from sonoedge.errors import EngineCrashed, SonoedgeError, SwitchRefused
from sonoedge.session.engine import Engine, EngineDied, EngineFailure, EngineReady
from sonoedge.session.retired import RetiredEngines
from sonoedge.session.session_bundle import ReadyEngine, SessionBundle

GRACE_S: Final = 2.0  # beyond the time limit, which the session's thread keeps
NOT_READY: Final = "the new bundle's engine did not become ready"


class SwitchRequest:
    """One call of `switch`, on its way to the session's thread and back.

    Either the session's thread carries it out, or the caller withdraws it: whoever claims
    it first.

    Args:
        until_ns: of the session's clock; whatever is not ready by then is refused.
    """

    def __init__(self, bundle: SessionBundle, until_ns: int) -> None:
        self.bundle = bundle
        self.until_ns = until_ns
        self._claim = threading.Lock()
        self._done = threading.Event()
        self._outcome: Origin | SonoedgeError | None = None

    def claim(self) -> bool:
        """Whether this is the first claim."""
        return self._claim.acquire(blocking=False)

    @property
    def claimed(self) -> bool:
        """Whether it is carried out, refused, or withdrawn."""
        return self._claim.locked()

    def settle(self, outcome: Origin | SonoedgeError) -> None:
        """Tell the caller."""
        self._outcome = outcome
        self._done.set()

    def wait(self, timeout_s: float) -> Origin:
        """The new engine's origin.

        Raises:
            SonoedgeError: the session runs the bundle that it ran; the error says why.
        """
        try:
            self._done.wait(timeout_s + GRACE_S)
        except BaseException:
            if self.claim():  # else the border is passed, and the session has switched
                raise
            self._done.wait()
            raise
        if not self._done.is_set():
            if self.claim():
                raise EngineCrashed(f"{NOT_READY}: the session's own thread does not answer")
            self._done.wait()
        if isinstance(self._outcome, Origin):
            return self._outcome
        raise self._outcome or SwitchRefused("the switch came to nothing")


class Switching:
    """At most one bundle on its way into the session.

    `begin` may be called from any thread; all else is for the session's own.

    Args:
        retired: where engines go that are not taken.
    """

    def __init__(self, retired: RetiredEngines) -> None:
        self._retired = retired
        self._lock = threading.Lock()
        self._request: SwitchRequest | None = None
        self._ended = False
        self._engine: Engine | None = None
        self._greeting: EngineReady | None = None

    @property
    def on(self) -> bool:
        """Whether a bundle is on its way."""
        return self._request is not None

    def begin(self, request: SwitchRequest) -> None:
        """Take a request.

        Raises:
            SwitchRefused: another one is under way, or the session has ended.
        """
        with self._lock:
            if self._ended:
                raise SwitchRefused("the session has ended; start another one")
            if self._request is not None:
                raise SwitchRefused(
                    "another switch is under way in this session; wait until it has returned"
                )
            self._request = request

    def step(self, now_ns: int) -> None:
        """Go on with loading: start the engine, hear what it says, keep the time limit."""
        request = self._request
        if request is None:
            return
        if request.claimed:  # the caller has withdrawn it
            self._forget()
            return
        if now_ns >= request.until_ns:
            self.refuse(EngineCrashed(f"{NOT_READY} and found no border within its time limit"))
            return
        try:
            if self._engine is None:
                self._engine = request.bundle.make(None)
            answers = self._engine.collect()
        except OSError as error:
            why = f"no worker can be started: {error.strerror or error}"
            self.refuse(EngineCrashed(f"{NOT_READY}: {why}"))
            return
        except EngineDied as error:
            self.refuse(EngineCrashed(f"{NOT_READY}: {error}"))
            return
        for answer in answers:
            if isinstance(answer, EngineReady):
                self._greeting = answer
            elif isinstance(answer, EngineFailure):
                self.refuse(answer.error)
                return

    def take(self) -> tuple[SwitchRequest, ReadyEngine] | None:
        """The engine that takes over now, with the request to settle; None where none is ready.

        From here on the caller cannot withdraw it.
        """
        request, engine, greeting = self._request, self._engine, self._greeting
        if request is None or engine is None or greeting is None or not request.claim():
            return None
        self._engine = self._greeting = self._request = None
        return request, ReadyEngine(engine=engine, bundle=request.bundle, greeting=greeting)

    def refuse(self, error: SonoedgeError) -> None:
        """Nothing comes of it: the session stays as it is, and the caller is told."""
        request = self._request
        self._forget()
        if request is not None and request.claim():
            request.settle(error)

    def end(self, error: SonoedgeError) -> None:
        """The session has ended: no request is taken any more."""
        with self._lock:
            self._ended = True
        self.refuse(error)

    def _forget(self) -> None:
        if self._engine is not None:
            self._retired.add(self._engine)
        if self._request is not None:
            self._request.bundle.release()
        self._engine = self._greeting = None
        self._request = None
