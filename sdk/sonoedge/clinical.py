"""Values of an examination, such as the age, joined with a network's suspicion.

Coefficients are fixed: they come with their source from the maker's recipe, and nothing is
fitted here. A value that is missing, no number or out of its range changes nothing, and the
result says so by the names that it used. Values are never kept, printed or logged.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sonoedge.errors import InvalidSettings

SMALLEST = 1e-6  # suspicions nearer to 0 or 1 are taken as this far from it: their logit is finite
MOST_VALUES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficient:
    """How one value shifts the logit of a suspicion: by `per_unit * (value - centre)`.

    Attributes:
        centre: the value that shifts nothing.
        per_unit: shift of the logit per unit.
        lowest, highest: a value outside is taken for a mistake, such as a year of birth in place
            of an age, and is not used.
        source: where the coefficient comes from.
    """

    centre: float
    per_unit: float
    lowest: float
    highest: float
    source: str

    def __post_init__(self) -> None:
        if not self.lowest <= self.centre <= self.highest or self.lowest == self.highest:
            raise InvalidSettings("centre must lie between lowest and highest")
        reach = max(self.centre - self.lowest, self.highest - self.centre)
        if abs(self.per_unit) * reach > 20:
            raise InvalidSettings(
                "per_unit shifts the logit by more than 20 within lowest to highest: no suspicion "
                "would count beside it"
            )
        if not self.source.strip():
            raise InvalidSettings("source must say where the coefficient comes from")


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A suspicion after clinical values were joined with it.

    Attributes:
        suspicion: in [0, 1]; the network's alone where `fused_with` is empty.
        fused_with: names of the values that were used.
        not_used: names of those that were missing, no number or out of range.
    """

    suspicion: float
    fused_with: tuple[str, ...]
    not_used: tuple[str, ...]


def check_coefficients(coefficients: Mapping[str, Coefficient]) -> None:
    """Refuse names that no result can carry.

    Raises:
        InvalidSettings: a name is none, or there are more than 32.
    """
    from sonoedge.bundle.names import check_name  # late: a manifest reads coefficients itself

    if len(coefficients) > MOST_VALUES:
        raise InvalidSettings(f"clinical names {len(coefficients)} values; at most {MOST_VALUES}")
    for name in coefficients:
        check_name("clinical", name)


def join(
    suspicion: float,
    coefficients: Mapping[str, Coefficient],
    values: Mapping[str, float | None],
) -> Joined:
    """A suspicion with the values of its examination; never raises.

    Args:
        suspicion: the network's, in [0, 1].
        coefficients: by the value's name.
        values: by name; those without a coefficient are not looked at.
    """
    shift, used, unused = 0.0, [], []
    for name, coefficient in coefficients.items():
        value = values.get(name)
        if usable(value, coefficient):
            shift += coefficient.per_unit * (float(value) - coefficient.centre)  # type: ignore[arg-type]
            used.append(name)
        else:
            unused.append(name)
    joined = suspicion if not used else sigmoid(logit(suspicion) + shift)
    return Joined(suspicion=joined, fused_with=tuple(used), not_used=tuple(unused))


def usable(value: object, coefficient: Coefficient) -> bool:
    """Whether a value is a finite number within its range."""
    # Of numpy's numbers, float32 is no float and int64 no int.
    numbers = int | float | np.integer | np.floating
    if isinstance(value, bool) or not isinstance(value, numbers):
        return False
    return bool(coefficient.lowest <= value <= coefficient.highest)  # false for NaN


def logit(probability: float) -> float:
    """Of a probability, held away from 0 and 1 by `SMALLEST`."""
    p = min(max(probability, SMALLEST), 1 - SMALLEST)
    return math.log(p / (1 - p))


def sigmoid(value: float) -> float:
    """The inverse of `logit`; any finite value is taken."""
    if value >= 0:
        return 1 / (1 + math.exp(-value))
    return math.exp(value) / (1 + math.exp(value))
