"""How long an engine may take, and how often it is checked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisorRules:
    """Times of the engine's supervision, in nanoseconds.

    Attributes:
        deadline_ns: for one question.
        start_ns: from making an engine to its being ready.
        golden_every_ns: the golden frames are asked again at least so often.
        golden_idle_ns: and so often while there is nothing else to do.
        standby: keep a second engine loaded.
        describe_every_ns: the flagged region is described at most so often; None for never.
        trial_frames: a bundle that was switched to is on trial until it has analysed so many.
    """

    deadline_ns: int
    start_ns: int
    golden_every_ns: int
    golden_idle_ns: int
    standby: bool
    describe_every_ns: int | None = None
    trial_frames: int = 100
