"""The numbers by which service and client name states, reasons, refusals and flags.

A number, once given, keeps its meaning: what is new comes at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, IntFlag
from typing import Final

from sonoedge.analysis import Reason
from sonoedge.session.states import State


class Format(IntEnum):
    """Of pixels in the ring; the value is a pixel's code, not its size."""

    GREY8 = 1
    BGR24 = 2


class FrameFlag(IntFlag):
    """What a source says of a frame."""

    FROZEN = 1
    INVALID = 2


class ResultFlag(IntFlag):
    """What a result holds."""

    ANALYSED = 1
    FLAGGED = 2
    HAS_TEMPORAL_FLAG = 4
    TEMPORAL_FLAG = 8
    LOCALISED = 16
    HAS_SUSPICION = 32


class RegionFlag(IntFlag):
    """What a region is and has."""

    FLAGGED = 1
    TRACK_FLAGGED = 2
    HAS_MM = 4
    CONTOUR_CUT = 8


class Refusal(IntEnum):
    """Why the service ends a connection: stable tokens."""

    MESSAGE_TOO_LONG = 1
    MESSAGE_INVALID = 2
    DESCRIPTORS_REFUSED = 3
    VERSION_UNKNOWN = 4
    STREAM_INVALID = 5
    STREAM_IN_USE = 6
    TOO_MANY_CLIENTS = 7
    TOO_MANY_STREAMS = 8
    SEQUENCE_INVALID = 9
    SLOT_INVALID = 10
    FRAME_TOO_LARGE = 11
    ACKNOWLEDGEMENT_INVALID = 12
    SILENT = 13
    CLOSING = 14
    NOT_READING = 15
    INTERNAL_ERROR = 16


# What is 0 says the least.
STATES: Final[Mapping[State, int]] = {
    State.UNAVAILABLE: 0,
    State.STARTING: 1,
    State.READY: 2,
    State.DEGRADED: 3,
    State.PAUSED: 4,
    State.FAULT: 5,
}
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
}
