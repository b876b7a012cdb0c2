"""Counts by a closed set of tokens."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

OTHER: Final = "other"  # what is in no set, as a test double's name


def by_token(
    label: str, tokens: type[Enum], counts: Mapping[str, int]
) -> list[tuple[dict[str, str], int]]:
    """A sample for each member; what is none of them is counted under "other"."""
    names = [str(token.value) for token in tokens]
    samples = [({label: name}, counts.get(name, 0)) for name in names]
    rest = sum(count for name, count in counts.items() if name not in names)
    return [*samples, ({label: OTHER}, rest)] if rest else samples
