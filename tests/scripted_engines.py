"""Engines without a process that do as a script says, on a clock that is moved by hand."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from sonoedge import Analysed, Analysis, NotAnalysed, Origin, Reason, Region
from sonoedge.description import Description
from sonoedge.errors import EngineFailed, GoldenMismatch, SonoedgeError
from sonoedge.guard import GuardSettings
from sonoedge.session import HealthRules, LiveSession, Shadow
from sonoedge.session.describing import RegionQuestion
from sonoedge.session.engine import (
    Answer,
    EngineDied,
    EngineFailure,
    EngineReady,
    FrameAnswer,
    GoldenAnswer,
    RegionAnswer,
)
from sonoedge.session.exchange import Exchange
from sonoedge.session.mailbox import Submission
from sonoedge.session.rules import SupervisorRules
from sonoedge.session.session_bundle import SessionBundle
from sonoedge.session.shadow.mailbox import ShadowMailbox
from sonoedge.session.shadow.supervisor import ShadowSupervisor
from sonoedge.session.shadow.tally import ShadowTally

MAX_AGE_MS, DEADLINE_MS = 150, 500
MS = 1_000_000


def origin_of(bundle: str) -> Origin:
    """The origin of a bundle's engines: the bundle's name, and always the same engine."""
    return Origin(bundle_id=bundle, engine_sha256="s", runtime="r", precision="p", variant="v")


@dataclass(frozen=True, kw_only=True, eq=False)
class ScriptedBundle(SessionBundle):
    """A bundle that tells when its folder may be removed."""

    let_go: Callable[[], None]

    def release(self) -> None:
        self.let_go()


class Script:
    """What the engines do, and the clock: both moved by hand.

    Attributes:
        mode: what an engine does when it is asked: "sound", "hang", "crash", "gone" (dies while it
            is asked), "refuses" (the frame cannot cross), "failing", "wrong" (at golden frames).
        modes: by the bundle's name, where that is another one.
        loads: by the bundle's name: "ready", "silent", "dies", "no process", or an error.
        regions: by the bundle's name: what its engines find.
        made: every engine that was started.
        released: the names of the bundles whose folders may be removed.
    """

    def __init__(self) -> None:
        self.now_ns = 1_000_000_000
        self.mode = "sound"
        self.modes: dict[str, str] = {}
        self.mode_of_words = "sound"
        self.loads: dict[str, str | SonoedgeError] = {}
        self.regions: dict[str, tuple[Region, ...]] = {}
        self.made: list[ScriptedEngine] = []
        self.released: list[str] = []

    def clock_ns(self) -> int:
        return self.now_ns

    def start(self, name: str) -> ScriptedEngine:
        """Begin to load an engine of this bundle."""
        if self.loads.get(name) == "no process":
            raise OSError(11, "Resource temporarily unavailable")
        engine = ScriptedEngine(self, origin_of(name))
        self.made.append(engine)
        return engine

    def bundle(self, name: str) -> SessionBundle:
        """A bundle with one label, which is its name."""
        return ScriptedBundle(
            make=lambda origin: self.start(name),
            guard=GuardSettings(),
            labels=(name,),
            threshold=0.5,
            let_go=lambda: self.released.append(name),
        )

    def living(self) -> list[str]:
        """The names of the bundles whose engines were not told to end."""
        return [engine.name for engine in self.made if not engine.killed]


class ScriptedEngine:
    """Answers, hangs or dies as the script says at the moment of the question."""

    def __init__(self, script: Script, origin: Origin) -> None:
        self._script = script
        self._origin = origin
        self.name = origin.bundle_id
        self.killed = False
        self.asked: list[Submission | int] = []
        self.described: list[RegionQuestion] = []
        self._readable, self._wakeup = os.pipe()
        os.set_blocking(self._readable, False)
        self._answers: deque[Answer] = deque()
        self._dead = self._closed = False
        load = script.loads.get(self.name, "ready")
        if isinstance(load, SonoedgeError):
            self._give(EngineFailure(error=load))
        elif load == "dies":
            self.die()
        elif load == "ready":
            self._give(EngineReady(origin=origin, choice="scripted", golden=1))

    @property
    def watch(self) -> tuple[int, ...]:
        return (self._readable,)

    def cpu_wait_ms(self) -> dict[str, float]:
        return {}

    def die(self) -> None:
        """As by a signal."""
        self._dead = True
        os.write(self._wakeup, b"!")

    def ask(self, question: Submission | int) -> None:
        self.asked.append(question)
        mode = self._script.modes.get(self.name, self._script.mode)
        if mode == "crash":
            self.die()
        elif mode == "gone":
            raise EngineDied("gone")
        elif mode == "refuses":
            raise ValueError("cannot cross")
        elif mode != "hang":
            self._give(self.answer(question, mode))

    def describe(self, question: RegionQuestion) -> None:
        """Lay the question down; `describes` answers it."""
        self.described.append(question)
        if self._script.mode_of_words == "raises":
            raise ValueError("cannot describe")

    def describes(self, description: Description) -> None:
        """Answer the question that was laid down."""
        self._give(RegionAnswer(description=description))

    def answer(self, question: Submission | int, mode: str) -> Answer:
        """What it answers in this mode."""
        if isinstance(question, int):
            wrong = GoldenMismatch("wrong") if mode == "wrong" else None
            broken = EngineFailed("failed") if mode == "failing" else None
            return GoldenAnswer(error=wrong or broken)
        frozen = question.frame.meta.frozen
        values = {
            "frame_id": -1,
            "captured_ns": question.frame.captured_ns,
            "age_ms": -1.0,
            "stages_ms": {},
            "origin": self._origin,
        }
        if frozen or mode == "failing":
            reason = Reason.FRAME_FROZEN if frozen else Reason.ENGINE_FAILED
            return FrameAnswer(analysis=NotAnalysed(reasons=(reason,), **values))
        regions = self._script.regions.get(self.name, ())
        return FrameAnswer(analysis=Analysed(regions=regions, class_probs={}, **values))

    def _give(self, answer: Answer) -> None:
        self._answers.append(answer)
        os.write(self._wakeup, b"!")

    def collect(self) -> list[Answer]:
        try:
            os.read(self._readable, 1)
        except BlockingIOError:
            return []
        if self._answers:
            return [self._answers.popleft()]
        raise EngineDied("crashed")

    def kill(self) -> bool:
        self.killed = True
        return True

    def has_ended(self) -> bool:
        if not self._closed:
            self._closed = True
            os.close(self._readable)
            os.close(self._wakeup)
        return True


def _scripted_shadow(script: Script, exchange: Exchange) -> ShadowSupervisor:
    """The script's bundle "candidate", shown every second frame."""
    settings = Shadow(bundle="candidate", every=2)
    tally = ShadowTally("candidate")
    mailbox = ShadowMailbox(
        settings.every,
        tally,
        is_calm=exchange.is_calm,
        give_back=exchange.buffers.give_back,
    )
    return ShadowSupervisor(
        settings,
        tally,
        mailbox,
        make=script.bundle("candidate").make,
        release=lambda: None,
        clock_ns=script.clock_ns,
    )


def scripted_session(
    script: Script,
    callback: Callable[[Analysis], None] | None,
    *,
    trial_frames: int = 5,
    shadow: bool = False,
    describe_every_ns: int | None = None,
) -> LiveSession:
    """A live session on the script's bundle "first".

    Args:
        shadow: with its bundle "candidate" beside.
    """
    exchange = Exchange(
        max_age_ns=MAX_AGE_MS * MS,
        rules=HealthRules(),
        placeholder=origin_of("first"),
        delivers=callback is not None,
        clock_ns=script.clock_ns,
    )
    return LiveSession(
        exchange,
        script.bundle("first"),
        SupervisorRules(
            deadline_ns=DEADLINE_MS * MS,
            start_ns=10**9,
            golden_every_ns=5 * 10**9,
            golden_idle_ns=2 * 10**9,
            standby=False,
            trial_frames=trial_frames,
            describe_every_ns=describe_every_ns,
        ),
        on_analysis=callback,
        release=lambda: None,
        clock_ns=script.clock_ns,
        shadow=_scripted_shadow(script, exchange) if shadow else None,
    )
