"""Candidates that find nothing before recovery: the cut took what the network sees by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

NOTHING: Final = 0.01  # mean Dice up to which a network has as good as found nothing
_REMEDY: Final = (
    'it may not become again what it was: in [prune], set importance = "taylor", keep layers with '
    "protect, or ask for less"
)
Figures = Mapping[str, float]


def blind_warnings(unpruned: Figures, candidates: Sequence[Figures], importance: str) -> list[str]:
    """What is to be said where no candidate finds anything on frames where the network does.

    Args:
        unpruned: its figures, "dice NAME" among them.
        candidates: the figures of each before recovery; empty where it was not looked at.
        importance: how channels were ranked.
    """
    looked_at = [dice for figures in candidates if (dice := _dice(figures))]
    found = max(_dice(unpruned), default=0.0)
    if not looked_at or found <= NOTHING or max(map(max, looked_at)) > NOTHING:
        return []
    remedy = _REMEDY
    if importance == "taylor":
        remedy = remedy.replace('set importance = "taylor", keep', "keep")
    told = "the candidate finds nothing"
    if len(looked_at) > 1:
        told = f"none of {len(looked_at)} candidates finds anything"
    return [
        f"{told} before recovery (Dice at most {NOTHING:g}; unpruned up to {found:.2f}): {remedy}"
    ]


def _dice(figures: Figures) -> list[float]:
    return [value for name, value in figures.items() if name.startswith("dice ")]
