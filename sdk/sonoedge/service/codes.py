"""The numbers by which service and client name states, reasons, refusals and flags.

A number, once given, keeps its meaning: what is new comes at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, IntFlag
from typing import Final

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
