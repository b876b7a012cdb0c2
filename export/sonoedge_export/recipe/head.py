"""The recipe's [[head]], [certainty] and [clinical]: opinions beside the network's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from sonoedge.bundle.heads import HeadInput, check_inputs
from sonoedge.bundle.names import check_name
from sonoedge.certainty import check_alpha
from sonoedge.errors import InvalidSettings
from sonoedge_export.recipe.frames import LabelledFrames

Kind = Literal["logistic", "svm-rbf", "svm-poly", "forest", "network"]
MOST_CHOICES: Final = 64

# By kind, its settings and the values that validation chooses from.
CHOICES: Final[Mapping[Kind, Mapping[str, tuple[float, ...]]]] = {
    "logistic": {"C": (0.01, 0.03, 0.1, 0.3)},
    "svm-rbf": {"C": (0.3, 1.0, 3.0), "gamma": (1.0,)},
    "svm-poly": {"C": (0.1, 0.3, 1.0), "degree": (2.0,)},
    "forest": {"trees": (300.0,), "leaf": (5.0, 10.0)},
    "network": {"hidden": (32.0,), "alpha": (1.0, 3.0, 10.0)},
}
WHOLE: Final[Mapping[str, tuple[int, int]]] = {
    "degree": (1, 5), "trees": (1, 1000), "leaf": (1, 1000), "hidden": (1, 1024),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A second opinion: a classifier over the measures of a region.

    It is fitted on regions that the exported network finds, by the device's own path, and never
    on drawn outlines: those tell who drew them.

    Attributes:
        name: its file's name in the bundle, and that of its opinion.
        kind: "logistic", "svm-rbf", "svm-poly", "forest" or "network" (one hidden layer).
        settings: values by setting, of which validation chooses: C; gamma (svm-rbf, in units of
            one over the number of measures); degree (svm-poly); trees, leaf (forest); hidden,
            alpha (network).
        fit: labelled frames to fit on.
        choose: labelled frames that choose the settings and calibrate the probability, and on
            which the gain of a fusion is measured; none of the patients of `fit`.
        inputs: what it is told: "features" are the measures, "embedding" is what the network
            says of the frame as a whole and needs [outputs.embedding]; both make a hybrid.
        fuse: "off" gives the head's opinion alone, "on" a fused suspicion beside it; "auto"
            fuses only where the out-of-fold gain on `choose` is above 0 with its interval.
    """

    name: str
    kind: Kind
    fit: LabelledFrames
    choose: LabelledFrames
    settings: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    inputs: tuple[HeadInput, ...] = ("features",)
    fuse: Literal["off", "on", "auto"] = "auto"

    def __post_init__(self) -> None:
        check_name("name", self.name)
        check_inputs(self.inputs)
        known = CHOICES[self.kind]
        for name, values in self.settings.items():
            if name not in known:
                raise InvalidSettings(
                    f"settings.{name} is unknown for {self.kind}; allowed: {', '.join(known)}"
                )
            if not values or min(values) <= 0:
                raise InvalidSettings(f"settings.{name} must be one or more numbers above 0")
            low, high = WHOLE.get(name, (0, 0))
            if name in WHOLE and any(v != int(v) or not low <= v <= high for v in values):
                raise InvalidSettings(f"settings.{name} must be whole numbers, {low} to {high}")
        count = 1
        for values in (dict(known) | dict(self.settings)).values():
            count *= len(values)
        if count > MOST_CHOICES:
            raise InvalidSettings(f"settings has {count} combinations; at most {MOST_CHOICES}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CertaintyTable:
    """Which errors a prediction set may make, and on which frames it is calibrated.

    Attributes:
        alpha: largest share of each class that may be excluded wrongly.
        choose: labelled frames to calibrate on: one per patient is taken.
        measure: labelled frames on which the coverage is measured, file by file.
    """

    choose: LabelledFrames
    alpha: float = 0.05
    measure: tuple[LabelledFrames, ...] = ()

    def __post_init__(self) -> None:
        check_alpha(self.alpha)
