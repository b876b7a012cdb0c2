"""What a manifest tells of a second opinion: a small graph over the measures of a region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from sonoedge.bundle.names import check_name
from sonoedge.errors import InvalidSettings
from sonoedge.runtime import TensorSpec

HeadKind = Literal["logistic", "svm-rbf", "svm-poly", "forest", "network"]
HeadInput = Literal["features", "embedding"]
INPUT: Final = "features"
OUTPUT: Final = "class_probs"
# Of a probability, on golden measures: engines add up in another order, and processors too.
TOLERANCE: Final = 1e-4
MOST_HEADS: Final = 8
MOST_MEASURES: Final = 8192
MOST_GOLDEN_ROWS: Final = 64
_EMBEDDED: Final = "embedding."


@dataclass(frozen=True, slots=True, kw_only=True)
class Fusion:
    """How a head's suspicion is joined with the network's: a logistic regression of both logits."""

    intercept: float
    network: float
    head: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadFrames:
    """Frames that a head was fitted on or chosen by.

    Attributes:
        name, split, sha256: of the set.
        frames: how many of them were used: with a benign or malignant lesion.
        regions: rows that could be measured.
    """

    name: str
    split: str | None
    sha256: str
    frames: int
    regions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadGain:
    """AUROC gained over the network alone, out of fold by patient; None where not measurable."""

    mean: float | None
    ci95: tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A second opinion of a bundle.

    Attributes:
        name: of the opinion.
        kind: what it was fitted as.
        inputs: what it is told: "features" are measures of the region, "embedding" is what the
            network says of its frame as a whole; both make a hybrid.
        measures: their names, in the order of the graph's input; a component of the embedding
            is "embedding.N".
        model: its graph, heads/NAME.onnx: `features` float32 [1, N] in, `class_probs` float32
            [1, 2] out, benign and malignant.
        golden: measures and answers of golden rows (.npz, no pickle).
        golden_rows: how many there are.
        network_sha256: of the float graph on whose regions it was fitted.
        threshold: suspicion from which it leans to malignant; it flags as many of the frames
            that chose as the network does.
        fitted_on, chosen_on: frames.
        settings: those that were chosen.
        auroc: alone, on the frames that chose; a missed lesion ranks last.
        gain: of both together over the network alone, on the frames that chose.
        fused: how both are joined; None where they are not.
        variants: ids of those variants on whose regions it was checked, and may speak.
        left_out: by variant on which it may not, why.
    """

    name: str
    kind: HeadKind
    inputs: tuple[HeadInput, ...]
    measures: tuple[str, ...]
    model: str
    golden: str
    golden_rows: int
    network_sha256: str
    threshold: float
    fitted_on: tuple[HeadFrames, ...]
    chosen_on: tuple[HeadFrames, ...]
    settings: Mapping[str, float]
    auroc: float
    gain: HeadGain
    fused: Fusion | None
    variants: tuple[str, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_name("name", self.name)
        check_inputs(self.inputs)
        kinds = {"embedding" if is_embedded(name) else "features" for name in self.measures}
        if self.measures and kinds != set(self.inputs):
            raise InvalidSettings("measures are not of the kinds that inputs names")
        if not 1 <= len(self.measures) <= MOST_MEASURES or len(set(self.measures)) < len(
            self.measures
        ):
            raise InvalidSettings(f"measures must be 1 to {MOST_MEASURES} different names")
        if not 1 <= self.golden_rows <= MOST_GOLDEN_ROWS:
            raise InvalidSettings(f"golden_rows must be 1 to {MOST_GOLDEN_ROWS}")
        if not 0 < self.threshold < 1:
            raise InvalidSettings("threshold must be between 0 and 1")

    @property
    def fusion_verdict(self) -> str:
        """Whether it is joined with the network, and what its gain's interval says to that.

        `fuse = "auto"` joins where the interval lies above 0; where verdict and interval differ,
        the recipe said "on" or "off".
        """
        verdict = "not fused" if self.fused is None else "fused"
        if self.gain.ci95 is None:
            return f"{verdict}: the gain has no interval"
        certain = self.gain.ci95[0] > 0
        ordered = "" if certain == (self.fused is not None) else " by the recipe's order"
        return f"{verdict}{ordered}: the interval {'lies' if certain else 'does not lie'} above 0"

    @property
    def tensors(self) -> tuple[TensorSpec, TensorSpec]:
        """Its graph's input and output."""
        return (
            TensorSpec(name=INPUT, dtype="float32", shape=(1, len(self.measures))),
            TensorSpec(name=OUTPUT, dtype="float32", shape=(1, 2)),
        )


def check_inputs(inputs: tuple[HeadInput, ...]) -> None:
    """Refuse a head that is told nothing, or the same twice.

    Raises:
        InvalidSettings: says what is allowed.
    """
    if not inputs or len(set(inputs)) < len(inputs):
        raise InvalidSettings('inputs must be "features", "embedding" or both')


def embedding_names(count: int) -> tuple[str, ...]:
    """Names of an embedding's components, as `Head.measures` has them."""
    return tuple(f"{_EMBEDDED}{number}" for number in range(count))


def is_embedded(name: str) -> bool:
    """Whether a name is that of an embedding's component."""
    return name.startswith(_EMBEDDED)
