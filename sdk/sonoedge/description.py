"""What is said of one region: `Described` with its measures and words, or `NotDescribed`.

They are two types, as those of an analysis are: "nothing to say" can never be read where
"not described" was meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from sonoedge.certainty import Answer
    from sonoedge.clinical import Joined
    from sonoedge.heads import Outcome
    from sonoedge.measure import Measures
    from sonoedge.words import Measurement


class NotDescribedReason(str, Enum):
    """Why a region was not described: stable tokens."""

    NO_MEASURES = "NO_MEASURES"
    REGION_TOO_SMALL = "REGION_TOO_SMALL"
    REGION_INVALID = "REGION_INVALID"
    FRAME_NOT_ANALYSED = "FRAME_NOT_ANALYSED"
    STALE = "STALE"
    CLOSED = "CLOSED"
    FORKED = "FORKED"
    INTERNAL_ERROR = "INTERNAL_ERROR"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Described:
    """A region that was described.

    Attributes:
        measures: what was measured.
        words: what of it is put into words, in a fixed order; what could not be measured is
            among them, and says so.
        sentence: the same as text; it names no category, and gives no advice.
        opinions: second opinions, one per head of the bundle; a head that says nothing is among
            them, and says why.
        certainty: what the network's suspicion excludes; None where the bundle is not calibrated.
        clinical: the network's suspicion joined with values of the examination, and which were
            used; None where the bundle has no coefficients.
    """

    measures: Measures
    words: tuple[Measurement, ...] = ()
    sentence: str = ""
    opinions: tuple[Outcome, ...] = ()
    certainty: Answer | None = None
    clinical: Joined | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDescribed:
    """A region that was not described, and why. It says nothing about the region.

    Attributes:
        reason: a stable token.
        detail: one sentence; "" where the token says it all.
    """

    reason: NotDescribedReason
    detail: str = ""


Description: TypeAlias = Described | NotDescribed
