"""What is written of one flag or fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sonoedge.recording.document import StateChange
from sonoedge.recording.moment import Moment
from sonoedge.recording.trigger import Trigger
from sonoedge.stream_memory import StreamState


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clip:
    """Frames around a flag or fault, still in memory.

    Attributes:
        triggers: why, the first first.
        moments: oldest first.
        engine_number, memories: which engine's memory of each stream the first frame met.
        states, cut, out_of_step: as in `Document`.
    """

    triggers: tuple[Trigger, ...]
    moments: tuple[Moment, ...]
    engine_number: int
    memories: Mapping[str, StreamState]
    states: tuple[StateChange, ...]
    cut: str
    out_of_step: int
