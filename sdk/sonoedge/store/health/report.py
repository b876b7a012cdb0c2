"""What a self-test tells of a bundle that passed it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthReport:
    """A passed self-test.

    Attributes:
        variant, runtime: the engine that answered.
        choice: why it is the one.
        frames: golden frames that were timed.
        p50_ms, p99_ms: of whole analyses, milliseconds; None where none was timed.
    """

    variant: str
    runtime: str
    choice: str
    frames: int
    p50_ms: float | None
    p99_ms: float | None
