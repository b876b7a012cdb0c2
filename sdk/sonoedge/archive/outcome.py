"""What became of an item."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import Enum


class ItemOutcome(str, Enum):
    """Stable tokens."""

    DONE = "DONE"
    SOURCE_ERROR = "SOURCE_ERROR"
    CRASHED = "CRASHED"
    TIMEOUT = "TIMEOUT"
    CHANGED = "CHANGED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """An item that has its part.

    Attributes:
        item, name: its id, and what it is called.
        outcome: as its part says.
        detail: one sentence, or "".
        kept: the part was there already, of the same bytes.
        frames: how many.
        seconds: that it took, all tries together.
        worker: who made it.
        tries: processes that were set to it.
    """

    item: str
    name: str
    outcome: ItemOutcome
    detail: str = ""
    kept: bool = False
    frames: int = 0
    seconds: float = 0.0
    worker: str = ""
    tries: int = 1

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self), separators=(",", ":"), allow_nan=False)

    @staticmethod
    def from_json(text: str) -> Done:
        """The value again."""
        values = json.loads(text)
        return Done(**{**values, "outcome": ItemOutcome(values["outcome"])})
