"""What a frame is told in each state, and what an outcome says of the session's health."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sonoedge.analysis import Reason
from sonoedge.session.states import State, StateReason

# Whose fault a frame's reason is: the session's, and not the picture's.
TROUBLE: Final[Mapping[Reason, StateReason]] = {
    Reason.STALE: StateReason.RESULTS_STALE,
    Reason.ENGINE_FAILED: StateReason.ENGINE_FAILED,
    Reason.ENGINE_OUTPUT_INVALID: StateReason.ENGINE_FAILED,
    Reason.INTERNAL_ERROR: StateReason.INTERNAL_ERROR,
}

# What a frame is told that comes while the session is in this state.
REFUSAL: Final[Mapping[State, Reason]] = {
    State.STARTING: Reason.STARTING,
    State.UNAVAILABLE: Reason.UNAVAILABLE,
    State.FAULT: Reason.FAULT,
    State.PAUSED: Reason.PAUSED,
}
