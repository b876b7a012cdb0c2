"""The counts of a candidate: every frame that is due has one end, and they add up."""

from __future__ import annotations

import threading
from collections import Counter

from sonoedge.analysis import Analysed
from sonoedge.session.shadow.disagreement import Disagreement
from sonoedge.session.shadow.status import ShadowReason, ShadowState, ShadowStatus


class ShadowTally:
    """Any thread may call every method.

    Args:
        bundle_id: the candidate's.
    """

    def __init__(self, bundle_id: str) -> None:
        self._lock = threading.Lock()
        self._bundle_id = bundle_id
        self._state = ShadowState.WAITING
        self._failures: Counter[str] = Counter()
        self._last_failure = ""
        self._callback_errors = 0
        self._against = ""
        self._begin()

    @property
    def failures(self) -> int:
        """How often the candidate has failed."""
        with self._lock:
            return sum(self._failures.values())

    def due(self, active: Analysed) -> None:
        """A frame is to be shown."""
        with self._lock:
            if active.origin.bundle_id != self._against:  # what was counted is of another bundle
                self._against = active.origin.bundle_id
                self._begin()
            self._due += 1

    def left_out(self, active: Analysed, why: ShadowReason) -> None:
        """It was not shown, or not answered."""
        with self._lock:
            if active.origin.bundle_id == self._against:
                self._not_compared[why.value] += 1

    def compared(self, active: Analysed, disagreement: Disagreement | None) -> None:
        """Both have answered."""
        with self._lock:
            if active.origin.bundle_id != self._against:
                return
            self._compared += 1
            self._agreed += disagreement is None
            if disagreement is not None:
                self._disagreements.update(kind.value for kind in disagreement.kinds)

    def failed(self, why: ShadowReason, state: ShadowState) -> None:
        """The candidate has failed, and waits now or is given up: no status is between the two."""
        with self._lock:
            self._failures[why.value] += 1
            self._last_failure = why.value
            self._become(state)

    def becomes(self, state: ShadowState) -> None:
        """What it is doing now; there is no way back from GIVEN_UP but CLOSED."""
        with self._lock:
            self._become(state)

    def callback_failed(self) -> int:
        """`on_disagreement` raised; returns how often it has."""
        with self._lock:
            self._callback_errors += 1
            return self._callback_errors

    def _become(self, state: ShadowState) -> None:
        if self._state is not ShadowState.GIVEN_UP or state is ShadowState.CLOSED:
            self._state = state

    def status(self) -> ShadowStatus:
        """All of it at one moment."""
        with self._lock:
            return ShadowStatus(
                state=self._state,
                bundle_id=self._bundle_id,
                against=self._against,
                due=self._due,
                compared=self._compared,
                agreed=self._agreed,
                disagreements=dict(self._disagreements),
                not_compared=dict(self._not_compared),
                in_flight=self._due - self._compared - sum(self._not_compared.values()),
                failures=dict(self._failures),
                last_failure=self._last_failure,
                callback_errors=self._callback_errors,
            )

    def _begin(self) -> None:
        self._due = self._compared = self._agreed = 0
        self._disagreements: Counter[str] = Counter()
        self._not_compared: Counter[str] = Counter()
