"""What is believed of a picture that another program sends: its sides and its spacing."""

from __future__ import annotations

from typing import Final

LONGEST_SIDE: Final = 8192  # pixels
_LEAST_MM: Final = 0.01  # of a pixel
_MOST_MM: Final = 2.0


def sides_are_credible(width: int, height: int) -> bool:
    """Whether both are 1 to `LONGEST_SIDE` pixels."""
    return 1 <= width <= LONGEST_SIDE and 1 <= height <= LONGEST_SIDE


def spacing_is_credible(*sides_mm: float) -> bool:
    """Whether each side of a pixel, in millimetres, is one that ultrasound has; NaN is not."""
    return all(_LEAST_MM <= mm <= _MOST_MM for mm in sides_mm)
