"""Which spacings of a header can be believed."""

from __future__ import annotations

import math
from typing import Final

# Diagnostic ultrasound looks no deeper than some 30 cm, and no finer than some micrometres
# (ultrasound biomicroscopy). A header beyond has units mixed up or was scaled afterwards.
_FINEST_MM: Final = 0.001
_COARSEST_MM: Final = 2.0
_DEEPEST_MM: Final = 400.0


def plausible(spacing_mm: tuple[float, float], rows: int) -> bool:
    """Whether a B-mode picture can have this spacing.

    Args:
        spacing_mm: (rows, columns) millimetres per pixel.
        rows: height of the ultrasound picture in pixels.
    """
    return (
        all(math.isfinite(mm) and _FINEST_MM <= mm <= _COARSEST_MM for mm in spacing_mm)
        and spacing_mm[0] * rows <= _DEEPEST_MM
    )
