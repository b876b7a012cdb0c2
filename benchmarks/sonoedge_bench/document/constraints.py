"""Bounds of values that a type alone does not give; the JSON Schema tells them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """Keywords of JSON Schema; None is left out."""

    minimum: float | None = None
    pattern: str | None = None


Count: TypeAlias = Annotated[int, Constraint(minimum=0)]
Positive: TypeAlias = Annotated[int, Constraint(minimum=1)]
Sha256: TypeAlias = Annotated[str, Constraint(pattern="^[0-9a-f]{64}$")]
