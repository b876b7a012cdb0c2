"""Where two bundles disagree on one frame: tokens and numbers, and nothing of the picture."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sonoedge.analysis import Analysed, Analysis
from sonoedge.session.shadow.overlap import lowest_iou


class DisagreementKind(str, Enum):
    """What two bundles disagree on: stable tokens."""

    FLAG = "FLAG"
    REGIONS = "REGIONS"
    SUSPICION = "SUSPICION"
    NOT_ANALYSED = "NOT_ANALYSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """One frame on which the bundle that counts and the candidate disagree.

    Attributes:
        frame_id: the session's.
        kinds: FLAG: one flags the frame; REGIONS: a region has no counterpart; SUSPICION: they
            differ by more than allowed; NOT_ANALYSED: the candidate did not analyse it, and
            nothing else is compared.
        active_flagged, candidate_flagged: each one's flag; None where it did not analyse.
        active_suspicion, candidate_suspicion: each one's highest, in [0, 1]; None where it has
            no region, or did not analyse.
        lowest_iou: the poorest overlap of a region with its counterpart, in [0, 1]; None where
            one of the two does not localise, or did not analyse.
        reason: why the candidate did not analyse, as a token; "" where it did.
    """

    frame_id: int
    kinds: tuple[DisagreementKind, ...]
    active_flagged: bool
    candidate_flagged: bool | None
    active_suspicion: float | None
    candidate_suspicion: float | None
    lowest_iou: float | None
    reason: str


def compare(
    active: Analysed, candidate: Analysis, *, min_iou: float, max_suspicion_difference: float
) -> Disagreement | None:
    """What the two disagree on; None where on nothing.

    A frame without a region has no suspicion: it is compared as 0.
    """
    kinds: list[DisagreementKind] = []
    flagged: bool | None = None
    suspicion: float | None = None
    overlap: float | None = None
    reason = ""
    if isinstance(candidate, Analysed):
        if candidate.flagged != active.flagged:
            kinds.append(DisagreementKind.FLAG)
        if active.localised and candidate.localised:
            overlap = lowest_iou(active.regions, candidate.regions)
            if overlap < min_iou:
                kinds.append(DisagreementKind.REGIONS)
        difference = abs((active.suspicion or 0.0) - (candidate.suspicion or 0.0))
        if difference > max_suspicion_difference:
            kinds.append(DisagreementKind.SUSPICION)
        flagged, suspicion = candidate.flagged, candidate.suspicion
    else:
        kinds.append(DisagreementKind.NOT_ANALYSED)
        reason = candidate.reasons[0].value
    if not kinds:
        return None
    return Disagreement(
        frame_id=active.frame_id,
        kinds=tuple(kinds),
        active_flagged=active.flagged,
        candidate_flagged=flagged,
        active_suspicion=active.suspicion,
        candidate_suspicion=suspicion,
        lowest_iou=overlap,
        reason=reason,
    )
