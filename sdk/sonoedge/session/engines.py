"""The engines of a session: the one that works, those that stand by, those on their way out."""

from __future__ import annotations

from sonoedge.analysis import Analysed, Analysis, Origin
from sonoedge.errors import SonoedgeError
from sonoedge.session.back_off import BackOff
from sonoedge.session.engine import Answer, Engine, EngineDied, EngineReady
from sonoedge.session.retired import RetiredEngines
from sonoedge.session.session_bundle import ReadyEngine, SessionBundle
from sonoedge.session.standby import Standby
from sonoedge.session.states import StateReason
from sonoedge.session.switching import Switching, SwitchRequest
from sonoedge.session.trial import ENGINE_FAULTS, MOST_FAILED, Trial


class Engines:
    """Which engine of which bundle gets the frames. For the session's own thread alone.

    Args:
        bundle: what the session begins with.
        standby: keep a second engine of it loaded.
        trial_frames: as `SupervisorRules`.

    Attributes:
        bundle: what the engine in charge is of.
        in_charge: the engine that gets the frames; None where there is none.
        switching: the next bundle's engine, on its way.
        trial: the engine of the bundle before, while the present one proves itself.
        standby: a second engine of the bundle.
        back_off: the pause before the next try, where no process could be started.
    """

    def __init__(self, bundle: SessionBundle, *, standby: bool, trial_frames: int) -> None:
        self.bundle = bundle
        self.in_charge: Engine | None = None
        self.back_off = BackOff()
        self._greeting: EngineReady | None = None
        self._retired = RetiredEngines()
        self._keeps_standby = standby
        self._failures = 0  # calls in a row
        self.standby = Standby(lambda: self.bundle.make(self.origin))
        self.switching = Switching(self._retired)
        self.trial = Trial(self._retired, trial_frames)

    @property
    def origin(self) -> Origin | None:
        """What each engine of the bundle must be; None until its first one was ready."""
        return None if self._greeting is None else self._greeting.origin

    def step(self, now_ns: int) -> None:
        """Go on with what is under way beside the engine in charge."""
        self._retired.sweep()
        self.trial.sweep()
        self.switching.step(now_ns)

    def prepare_standby(self, now_ns: int) -> None:
        """Where one is wanted and nothing else is being loaded, or stands by."""
        if self._keeps_standby and not (self.switching.on or self.trial.on):
            self.standby.prepare(now_ns)

    def launch(self) -> list[Answer]:
        """Put the standby in charge, or a new engine; returns what it has said so far.

        Raises:
            OSError: no process can be started.
        """
        engine, answers = self.standby.take(), []
        if engine is not None:
            try:
                answers = engine.collect()
            except EngineDied:
                self._retired.add(engine)
                engine = None
        self.in_charge = engine or self.bundle.make(self.origin)
        self.back_off.succeeded()
        return answers

    def is_ours(self, greeting: EngineReady) -> bool:
        """Whether an engine that is ready is the one that the bundle's first was; it is noted."""
        if self._greeting is not None and greeting.origin != self._greeting.origin:
            return False
        self._greeting, self._failures = greeting, 0
        return True

    def cross_border(self) -> tuple[SwitchRequest, EngineReady] | None:
        """Put the next bundle's engine in charge, where it is ready: no frame is at the present.

        Returns:
            The request, which is to be settled, and what the engine said; None for no switch.
        """
        taken = None
        if self.in_charge is not None and self._greeting is not None:
            taken = self.switching.take()
        if taken is None or self.in_charge is None or self._greeting is None:
            return None
        request, new = taken
        self.trial.begin(
            ReadyEngine(engine=self.in_charge, bundle=self.bundle, greeting=self._greeting)
        )
        self._drop_standby()
        self.bundle, self.in_charge, self._greeting = new.bundle, new.engine, new.greeting
        return request, new.greeting

    def put_back(self) -> EngineReady:
        """End the engine on trial, and put that of the bundle before in charge, if it lives.

        Returns:
            What that bundle's engine said when it was ready.
        """
        self.drop()
        self.bundle.release()
        before, self.in_charge = self.trial.end()
        self.bundle, self._greeting, self._failures = before.bundle, before.greeting, 0
        return before.greeting

    def judge(self, analysis: Analysis, outcome: Analysis) -> tuple[StateReason, str] | None:
        """Take a frame's answer, and what became of it.

        Returns:
            Why the engine in charge has to go, as a token and in words; None while it need not.
        """
        if self.trial.on:
            return self.trial.judge(outcome)
        if isinstance(analysis, Analysed):
            self._failures = 0
        elif analysis.reasons[0] in ENGINE_FAULTS:
            self._failures += 1
            if self._failures >= MOST_FAILED:
                return StateReason.ENGINE_FAILED, f"{MOST_FAILED} failed calls in a row"
        return None

    def drop(self) -> None:
        """End the engine in charge."""
        if self.in_charge is not None:
            self._retired.add(self.in_charge)
        self.in_charge = None

    def end(self, why: SonoedgeError) -> None:
        """End them all, and wait for that; whoever waits for a switch is told why it fails."""
        self.switching.end(why)
        self.trial.stop()
        self.drop()
        self._drop_standby()
        del self.standby  # it refers back: the frames' memory would wait for the collector
        self._retired.wait()
        self.bundle.release()

    def _drop_standby(self) -> None:
        standby = self.standby.take()
        if standby is not None:
            self._retired.add(standby)
