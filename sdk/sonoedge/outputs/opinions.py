"""What stands beside a description's measures, as plain values and as sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sonoedge.description import Described, Description
from sonoedge.heads import NoOpinion, Opinion, Outcome


def opinion_values(description: Described | None) -> dict[str, Any]:
    """Opinions, certainty and the names of clinical values; the keys are always the same.

    The suspicion that clinical values gave is left out: beside the network's own it would give
    the values away.
    """
    if description is None:
        return {"opinions": None, "certainty": None, "clinical": None}
    joined = description.clinical
    return {
        "opinions": [_opinion(each) for each in description.opinions],
        "certainty": description.certainty,
        "clinical": None
        if joined is None
        else {"fused_with": list(joined.fused_with), "not_used": list(joined.not_used)},
    }


def opinion_sentences(description: Described) -> Iterator[str]:
    """One for each of them; what says nothing says so."""
    for each in description.opinions:
        if isinstance(each, NoOpinion):
            yield f"Second opinion {each.name}: none ({each.reason.value})."
            continue
        flag = "flagged" if each.flagged else "not flagged"
        against = ": it DISAGREES with the network" if each.disagrees else ""
        fused = "" if each.fused is None else f"; with the network {each.fused:.2f}"
        yield f"Second opinion {each.name}: {each.suspicion:.2f}, {flag}{against}{fused}."
    if description.certainty is not None:
        yield f"Certainty: {description.certainty}."
    if description.clinical is not None:
        used = ", ".join(description.clinical.fused_with) or "none, the network alone"
        yield f"Clinical values used: {used}."


def disagreement(description: Description | None) -> str:
    """A few words where a second opinion is not the network's: a reason to look again; else "".

    It says nothing of who is wrong, and "" nothing of agreement: there may be no opinion.
    """
    if not isinstance(description, Described):
        return ""
    spoken = [each for each in description.opinions if isinstance(each, Opinion)]
    against = sum(each.disagrees for each in spoken)
    if not against:
        return ""
    if len(spoken) == 1:
        return "second opinion disagrees"
    return f"{against} of {len(spoken)} second opinions disagree"


def _opinion(each: Outcome) -> dict[str, Any]:
    if isinstance(each, NoOpinion):
        return {
            "name": each.name,
            "reason": each.reason.value,
            "suspicion": None,
            "flagged": None,
            "disagrees": None,
            "fused": None,
        }
    return {
        "name": each.name,
        "reason": None,
        "suspicion": round(each.suspicion, 6),
        "flagged": each.flagged,
        "disagrees": each.disagrees,
        "fused": None if each.fused is None else round(each.fused, 6),
    }
