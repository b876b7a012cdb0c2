"""What a session needs of the place where frames are analysed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, Protocol, TypeAlias

from sonoedge.analysis import Analysis, Origin
from sonoedge.description import Description
from sonoedge.errors import SonoedgeError
from sonoedge.session.describing import RegionQuestion
from sonoedge.session.mailbox import Submission


class Phase(Enum):
    """What the engine is doing."""

    NONE = auto()
    STARTING = auto()
    IDLE = auto()
    BUSY = auto()


WORKING: Final = (Phase.STARTING, Phase.BUSY)  # an answer of the engine is awaited


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineReady:
    """The engine is loaded and has answered its golden frames.

    Attributes:
        golden: how many golden frames there are to ask again.
    """

    origin: Origin
    choice: str
    golden: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineFailure:
    """The engine cannot be opened."""

    error: SonoedgeError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrameAnswer:
    """The answer to a frame; its `frame_id` and `age_ms` are the session's to set."""

    analysis: Analysis


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenAnswer:
    """The answer to a golden frame's question; None is the right one."""

    error: SonoedgeError | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RegionAnswer:
    """The answer to `Engine.describe`; it comes whenever it comes."""

    description: Description


Answer: TypeAlias = EngineReady | EngineFailure | FrameAnswer | GoldenAnswer | RegionAnswer


class EngineDied(Exception):
    """The engine is gone; the message says how, where that is known."""


class Engine(Protocol):
    """An analyser at work elsewhere: in a process, or in a thread.

    Making one begins to load it; `EngineReady` or `EngineFailure` is its first answer. At most one
    question is open at a time. No call waits.
    """

    @property
    def watch(self) -> tuple[int, ...]:
        """File descriptors that become readable when `collect` has something."""
        ...

    def ask(self, question: Submission | int) -> None:
        """Begin to analyse a frame, or to check a golden frame by its number.

        Raises:
            EngineDied: it is gone.
            TypeError, ValueError: the frame cannot be handed over.
        """
        ...

    def describe(self, question: RegionQuestion) -> None:
        """Begin to describe a region, beside whatever else is asked.

        The pixels must stay as they are until its `RegionAnswer`.

        Raises:
            EngineDied: it is gone.
            TypeError, ValueError: the frame cannot be handed over.
        """
        ...

    def collect(self) -> list[Answer]:
        """The answers that have come.

        Raises:
            EngineDied: it is gone, and nothing is left to collect.
        """
        ...

    def kill(self) -> bool:
        """End it, even in the middle of a call; False where that cannot be done."""
        ...

    def has_ended(self) -> bool:
        """Whether nothing is left of it after `kill`."""
        ...

    def cpu_wait_ms(self) -> Mapping[str, float]:
        """How long each of its threads has waited for a processor so far, where that is known."""
        ...
