"""Opinions, certainty and clinical values of a description, on their way from the worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypedDict, get_args

from sonoedge.certainty import Answer
from sonoedge.clinical import Joined
from sonoedge.description import Described
from sonoedge.heads import NoOpinion, NoOpinionReason, Opinion, Outcome

_ANSWERS: Final = (None, *get_args(Answer))


class Told(TypedDict):
    """What `Described` holds of them."""

    opinions: tuple[Outcome, ...]
    certainty: Answer | None
    clinical: Joined | None


def opinions_to(description: Described) -> dict[str, Any]:
    """Their part of a message's header."""
    joined = description.clinical
    return {
        "opinions": [
            (each.name, each.reason.value)
            if isinstance(each, NoOpinion)
            else (
                each.name,
                each.kind,
                each.suspicion,
                each.flagged,
                each.disagrees,
                each.fused,
            )
            for each in description.opinions
        ],
        "certainty": description.certainty,
        "clinical": None
        if joined is None
        else (joined.suspicion, joined.fused_with, joined.not_used),
    }


def opinions_from(header: Mapping[str, Any]) -> Told:
    """Them again.

    Raises:
        ValueError, TypeError, KeyError: these are none.
    """
    if header["certainty"] not in _ANSWERS:
        raise ValueError("certainty is no answer")
    joined = None
    if header["clinical"] is not None:
        suspicion, used, unused = header["clinical"]
        joined = Joined(
            suspicion=float(suspicion),
            fused_with=tuple(map(str, used)),
            not_used=tuple(map(str, unused)),
        )
    return Told(
        opinions=tuple(_outcome(each) for each in header["opinions"]),
        certainty=header["certainty"],
        clinical=joined,
    )


def _outcome(told: list[Any]) -> Outcome:
    if len(told) == 2:
        return NoOpinion(name=str(told[0]), reason=NoOpinionReason(told[1]))
    name, kind, suspicion, flagged, disagrees, fused = told
    return Opinion(
        name=str(name),
        kind=str(kind),
        suspicion=float(suspicion),
        flagged=bool(flagged),
        disagrees=bool(disagrees),
        fused=None if fused is None else float(fused),
    )
