"""The numbers of reasons in C: `sdk/c/common/reasons.h`, and what crosses to the service's clients.

A number, once given, keeps its meaning: what is new comes at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sonoedge.analysis import Reason

REASONS: Final[Mapping[Reason, int]] = {
    Reason.WRONG_DTYPE: 1,
    Reason.WRONG_SHAPE: 2,
    Reason.EMPTY: 3,
    Reason.CONSTANT: 4,
    Reason.SATURATED: 5,
    Reason.FRAME_FROZEN: 6,
    Reason.FRAME_INVALID: 7,
    Reason.BLACK: 8,
    Reason.COLOUR_BARS: 9,
    Reason.COLOUR_OVERLAY: 10,
    Reason.NO_CONTACT: 11,
    Reason.WRONG_ASPECT: 12,
    Reason.SPACING_MISSING: 13,
    Reason.SPACING_INVALID: 14,
    Reason.PROBE_NOT_ALLOWED: 15,
    Reason.PRESET_NOT_ALLOWED: 16,
    Reason.OUT_OF_SCOPE: 17,
    Reason.SOURCE_LOST: 18,
    Reason.STALE: 19,
    Reason.DEADLINE_MISSED: 20,
    Reason.ENGINE_CRASHED: 21,
    Reason.STARTING: 22,
    Reason.PAUSED: 23,
    Reason.UNAVAILABLE: 24,
    Reason.FAULT: 25,
    Reason.ENGINE_FAILED: 26,
    Reason.ENGINE_OUTPUT_INVALID: 27,
    Reason.INTERNAL_ERROR: 28,
    Reason.CLOSED: 29,
    Reason.CAPTURE_TIME_INVALID: 30,
    Reason.CAPTURE_CLOCK_NOT_MONOTONIC: 31,
    Reason.METADATA_INVALID: 32,
    Reason.FORKED: 33,
    Reason.OUT_OF_TAUGHT_SCOPE: 34,
}
