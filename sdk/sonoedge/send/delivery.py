"""What became of one instance that was sent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sonoedge.send.instances import Instance


class Outcome(str, Enum):
    """What the peer said of an instance, or that it said nothing."""

    STORED = "stored"
    WARNING = "stored with a warning"
    REFUSED = "refused"
    NO_ANSWER = "no answer"
    NOT_SENT = "not sent"


# Of every instance that comes after one without an answer.
UNHEARD: Final = (Outcome.NOT_SENT, "the peer does not answer any more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One instance's fate.

    Attributes:
        name: the file's name.
        uid: its SOP Instance UID.
        outcome: what became of it.
        detail: a status or a reason in words of ours; "" where there is none.
    """

    name: str
    uid: str
    outcome: Outcome
    detail: str = ""

    @classmethod
    def of(cls, instance: Instance, outcome: Outcome, detail: str = "") -> Delivery:
        """What became of this instance."""
        return cls(name=instance.name, uid=instance.uid, outcome=outcome, detail=detail)

    @property
    def stored(self) -> bool:
        """The peer said that it has it."""
        return self.outcome in (Outcome.STORED, Outcome.WARNING)

    def __str__(self) -> str:
        words = f"{self.name}  {self.outcome.value}"
        return f"{words}: {self.detail}" if self.detail else words
