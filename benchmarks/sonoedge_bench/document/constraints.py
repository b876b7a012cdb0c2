"""Bounds of values that a type alone does not give; the JSON Schema tells them."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from sonoedge.json_schema import Constraint

Count: TypeAlias = Annotated[int, Constraint(minimum=0)]
Positive: TypeAlias = Annotated[int, Constraint(minimum=1)]
Sha256: TypeAlias = Annotated[str, Constraint(pattern="^[0-9a-f]{64}$")]
