"""What a session's candidate bundle does, and how its answers compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class ShadowState(str, Enum):
    """What the candidate is doing."""

    WAITING = "WAITING"  # for the session to be READY, or for the end of a pause
    LOADING = "LOADING"
    RUNNING = "RUNNING"
    GIVEN_UP = "GIVEN_UP"
    CLOSED = "CLOSED"


class ShadowReason(str, Enum):
    """Why the candidate failed, or was not shown a frame: stable tokens."""

    ENGINE_CRASHED = "ENGINE_CRASHED"
    ENGINE_HUNG = "ENGINE_HUNG"
    ENGINE_FAILED = "ENGINE_FAILED"
    MEMORY_EXCEEDED = "MEMORY_EXCEEDED"
    WRONG_ANSWER = "WRONG_ANSWER"
    BUNDLE_UNUSABLE = "BUNDLE_UNUSABLE"
    INTERNAL_ERROR = "INTERNAL_ERROR"
    NOT_RUNNING = "NOT_RUNNING"
    SESSION_BUSY = "SESSION_BUSY"
    SUPERSEDED = "SUPERSEDED"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowStatus:
    """A candidate at one moment.

    Always: due = compared + sum(not_compared.values()) + in_flight. Once another bundle runs in
    the session these counts begin anew, with `against`.

    Attributes:
        state: see `ShadowState`. GIVEN_UP stays until the session is closed.
        bundle_id: the candidate.
        against: the bundle that it is compared with; "" before the first frame.
        due: frames that it was to be shown.
        compared: frames that both have answered.
        agreed: of those, how many without any disagreement.
        disagreements: frames by `DisagreementKind`; one frame may count under several.
        not_compared: frames by `ShadowReason`.
        in_flight: frames on their way to it, or at it.
        failures: by `ShadowReason`, since the session began.
        last_failure: the newest of them; "" before the first.
        callback_errors: how often `on_disagreement` raised.
    """

    state: ShadowState
    bundle_id: str
    against: str
    due: int
    compared: int
    agreed: int
    disagreements: Mapping[str, int]
    not_compared: Mapping[str, int]
    in_flight: int
    failures: Mapping[str, int]
    last_failure: str
    callback_errors: int

    @property
    def balanced(self) -> bool:
        """Whether the counts add up; False would be a fault of ours."""
        return self.due == self.compared + sum(self.not_compared.values()) + self.in_flight
