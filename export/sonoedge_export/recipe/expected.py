"""The recipe's [expected] section."""

from __future__ import annotations

from dataclasses import dataclass, fields

from sonoedge.errors import InvalidSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What training reported of the network on the frames of [data].

    `export` runs the trained network as the recipe says, and writes nothing where it is worse:
    another mean or std than training's, say, leaves every engine alike and the network ruined.

    Attributes:
        dice_mean, malignancy_auroc, sensitivity, specificity: figures, 0 to 1; None is not
            compared. Sensitivity and specificity are those at `postprocess.flag_threshold`.
        tolerance: how far below its figure the network may be, absolute.

    Raises:
        InvalidSettings: a figure or the tolerance is not between 0 and 1.
    """

    dice_mean: float | None = None
    malignancy_auroc: float | None = None
    sensitivity: float | None = None
    specificity: float | None = None
    tolerance: float = 0.02

    def __post_init__(self) -> None:
        for name in (f.name for f in fields(self)):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise InvalidSettings(f"expected.{name} must be 0 to 1")
