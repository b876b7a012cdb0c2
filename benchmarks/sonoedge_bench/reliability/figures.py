"""A measured figure, the limit that it is held to, and a table of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the report.

    Attributes:
        name: what was measured.
        value: in `unit`.
        limit: the most that it may be; None where it is told for information.
        samples: raw samples, where it is a quantile of them.
    """

    name: str
    value: float
    unit: str = ""
    limit: float | None = None
    samples: tuple[float, ...] = field(default=(), repr=False)

    @property
    def met(self) -> bool | None:
        """Whether the limit is kept."""
        return None if self.limit is None else self.value <= self.limit


def quantile(
    name: str, samples: Sequence[float], percent: float, unit: str, limit: float | None = None
) -> Figure:
    """A quantile with its samples; nearest rank above, so that a tail is not talked down."""
    value = float(np.percentile(samples, percent, method="higher"))
    label = "max" if percent == 100 else f"p{percent:g}"
    return Figure(
        name=f"{name}, {label}",
        value=value,
        unit=unit,
        limit=limit,
        samples=tuple(round(float(s), 4) for s in samples),
    )


def as_json(figure: Figure) -> dict[str, Any]:
    """Plain values."""
    return {
        "name": figure.name,
        "value": figure.value,
        "unit": figure.unit,
        "limit": figure.limit,
        "met": figure.met,
        "samples": list(figure.samples[:20_000]),
    }


def table(parts: Mapping[str, Sequence[Figure]]) -> str:
    """For people."""
    lines = [f"{'':2}{'figure':<66}{'value':>12} {'unit':<8}{'limit':>10}  met"]
    for part, figures in parts.items():
        lines.append(part)
        for f in figures:
            limit = "-" if f.limit is None else f"{f.limit:g}"
            met = {True: "yes", False: "NO", None: ""}[f.met]
            lines.append(f"{'':2}{f.name:<66}{f.value:>12.4g} {f.unit:<8}{limit:>10}  {met}")
    return "\n".join(lines)
