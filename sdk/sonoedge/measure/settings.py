"""Which measures of a region are taken, and at what size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from sonoedge.errors import InvalidSettings

Group = Literal["shape", "margin", "first_order", "glcm", "glrlm", "laws", "wavelet"]

GROUPS: Final[tuple[Group, ...]] = (
    "shape",
    "margin",
    "first_order",
    "glcm",
    "glrlm",
    "laws",
    "wavelet",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureSettings:
    """The recipe's `[measure]`, and the manifest's `measure`.

    Attributes:
        groups: which groups of measures, in the order of `GROUPS`.
        diameter_px: a region is resampled until a disc of its area has this diameter: texture
            measured so does not depend on the frame's own resolution.
        words: which table turns measures into words; None gives numbers alone. "breast" is made
            for regions of the breast, and for nothing else.
    """

    groups: tuple[Group, ...] = GROUPS
    diameter_px: int = 64
    words: Literal["breast"] | None = None

    def __post_init__(self) -> None:
        in_order = tuple(group for group in GROUPS if group in self.groups)
        if not in_order or in_order != tuple(self.groups):
            raise InvalidSettings(f"groups must be some of {', '.join(GROUPS)}, in this order")
        if not 32 <= self.diameter_px <= 128:
            raise InvalidSettings("diameter_px must be 32 to 128")
        if self.words not in (None, "breast"):
            raise InvalidSettings(f"words is {self.words!r}; allowed: 'breast'")
        if self.words is not None and not {"shape", "margin"} <= set(self.groups):
            raise InvalidSettings("words need the groups shape and margin")
