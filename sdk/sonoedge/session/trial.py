"""The first frames of a bundle that was switched to: the one before stands by with its engine."""

from __future__ import annotations

from typing import Final

from sonoedge.analysis import Analysed, Analysis, Reason
from sonoedge.session.engine import Engine, EngineDied
from sonoedge.session.retired import RetiredEngines
from sonoedge.session.session_bundle import ReadyEngine
from sonoedge.session.states import StateReason

MOST_FAILED: Final = 3
MOST_STALE: Final = 10
ENGINE_FAULTS: Final = (
    Reason.ENGINE_FAILED,
    Reason.ENGINE_OUTPUT_INVALID,
    Reason.INTERNAL_ERROR,
)


class Trial:
    """Counts a new bundle's frames, and keeps the last proven one loaded meanwhile.

    Args:
        retired: where engines go that are not needed any more.
        frames: how many it has to analyse.
    """

    def __init__(self, retired: RetiredEngines, frames: int) -> None:
        self._retired = retired
        self._frames = frames
        self._before: ReadyEngine | None = None
        self._engine: Engine | None = None  # of the bundle before, while it lives
        self._left = self._failed = self._stale = 0

    @property
    def on(self) -> bool:
        """Whether a bundle is on trial."""
        return self._before is not None

    @property
    def frames_left(self) -> int:
        """How many frames it has to analyse yet; 0 where none is on trial."""
        return self._left

    def begin(self, running: ReadyEngine) -> None:
        """Another bundle takes over from `running`.

        Where `running` is on trial itself, it is let go: the last bundle that was proven
        goes on standing by.
        """
        self._left, self._failed, self._stale = self._frames, 0, 0
        if self._before is None:
            self._before, self._engine = running, running.engine
        else:
            self._retired.add(running.engine)
            running.bundle.release()

    def judge(self, outcome: Analysis) -> tuple[StateReason, str] | None:
        """Take the outcome of a frame that the new engine answered.

        Returns:
            Why the bundle before has to take over again, as a token and in words; None
            while it need not.
        """
        if self._before is None:
            return None
        if isinstance(outcome, Analysed):
            self._left -= 1
            if self._left == 0:
                self._let_go()
        elif outcome.reasons[0] is Reason.STALE:
            self._stale += 1
            if self._stale >= MOST_STALE:
                return StateReason.RESULTS_STALE, f"{MOST_STALE} answers came too late"
        elif outcome.reasons[0] in ENGINE_FAULTS:
            self._failed += 1
            if self._failed >= MOST_FAILED:
                return StateReason.ENGINE_FAILED, f"{MOST_FAILED} calls failed"
        return None

    def sweep(self) -> None:
        """Notice where the engine that stands by has died."""
        if self._engine is None:
            return
        try:
            self._engine.collect()
        except EngineDied:
            self._retired.add(self._engine)
            self._engine = None

    def end(self) -> tuple[ReadyEngine, Engine | None]:
        """The bundle before, and its engine where it lives; both are the caller's now."""
        before, engine = self._before, self._engine
        assert before is not None, "no bundle is on trial"
        self._before = self._engine = None
        self._left = 0
        return before, engine

    def stop(self) -> None:
        """Let the bundle before go."""
        if self._before is not None:
            self._let_go()

    def _let_go(self) -> None:
        if self._engine is not None:
            self._retired.add(self._engine)
        if self._before is not None:
            self._before.bundle.release()
        self._before = self._engine = None
        self._left = 0
