"""A recipe: all that an export needs, in TOML, read strictly."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

from sonoedge.bundle.card import Card
from sonoedge.bundle.gates import Gates
from sonoedge.bundle.heads import MOST_HEADS
from sonoedge.bundle.manifest import Task
from sonoedge.bundle.names import check_name, check_security_version, check_text
from sonoedge.certainty import LABELS
from sonoedge.clinical import Coefficient, check_coefficients
from sonoedge.errors import InvalidRecipe, InvalidSettings
from sonoedge.guard import GuardSettings
from sonoedge.measure import MeasureSettings
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.processing.preprocess import PreprocessSpec
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.settings import read
from sonoedge_export.recipe.calibration import Calibration
from sonoedge_export.recipe.expected import Expected
from sonoedge_export.recipe.files import Files, resolve
from sonoedge_export.recipe.frames import LabelledFrames
from sonoedge_export.recipe.head import CertaintyTable, Head
from sonoedge_export.recipe.network import Network
from sonoedge_export.recipe.outputs import Output, Outputs
from sonoedge_export.recipe.prune import Prune
from sonoedge_export.recipe.quantize import Quantize
from sonoedge_export.recipe.variants import VARIANTS, VariantId

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

# Fields of a recipe that its file does not give.
NOT_KEYS: Final = ("folder", "data_root")


@dataclass(frozen=True, slots=True, kw_only=True)
class Data(LabelledFrames):
    """The frames that variants are judged on, golden frames among them.

    Attributes:
        golden: how many of them go into the bundle as golden frames.
    """

    golden: int = 4

    def __post_init__(self) -> None:
        LabelledFrames.__post_init__(self)  # super() knows no class that slots have made anew
        if not 1 <= self.golden <= 64:
            raise InvalidSettings("golden must be 1 to 64")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """All that an export needs, as a recipe file gives it.

    Attributes:
        name: the first part of the bundle's id: 1 to 64 letters, digits and _ . + -, the
            first a letter, a digit or _.
        version: the network's version, the second part of the bundle's id; written alike.
        intended_use: what the network is for, in a sentence; the manifest carries it.
        task: what the network answers: "segmentation" regions, "classification" a grade of the
            frame, "both" the two.
        network: the trained network.
        input: how a frame becomes the network's input.
        outputs: how the network's outputs become probabilities.
        postprocess: how maps become regions, and from where one is flagged.
        threshold_chosen_on: on which frames the flag threshold was chosen, in words; the
            manifest carries it.
        data: labelled frames that the variants are judged on.
        base: a recipe in the same folder whose keys and tables this one replaces, each
            table as a whole.
        variants: those to build; empty takes every one that the recipe has what it takes
            for: int8 needs [calibration], pruned ones [prune].
        targets: devices on which engines are built: "tensorrt" adds its graphs to the
            variants (needs [calibration]), for `sonoedge provision`.
        guard: when a frame is not fit to be analysed.
        tracking: when a region that is followed over frames is flagged.
        gates: what a variant must keep of the trained network.
        operating_point: frames on which nothing was trained or chosen: the flag threshold's
            sensitivity and specificity are measured there for the manifest; None takes `data`.
        expected: figures that the trained network must reach on `data`; None compares none.
        calibration: frames that int8 learns its ranges from; None builds no int8.
        quantize: how the int8 graphs are made.
        prune: how fast the network is to be made; None prunes nothing.
        measure: what a device can measure of a region; None where it measures nothing.
        card: what the network is for and was made from, in its maker's words; the manifest
            carries it.
        head: second opinions over the measures of a region, each fitted and checked at export.
        certainty: what a suspicion excludes, with a stated share of errors; None tells nothing.
        clinical: by name, coefficients of values that an examination may bring.
        created: the bundle's time of creation; None takes SOURCE_DATE_EPOCH, and where that
            is not set the manifest tells none.
        security_version: raise it only when older bundles of this name must not run any
            more; a device remembers the highest it has accepted.
        folder: where the recipe lies; no key of the file.
        data_root: what "{data}" at the beginning of a frames file stands for; no key of the
            file.
    """

    name: str
    version: str
    intended_use: str
    task: Task
    network: Network
    input: PreprocessSpec
    outputs: Outputs
    postprocess: PostprocessSpec
    threshold_chosen_on: str
    data: Data
    base: str | None = None
    variants: tuple[VariantId, ...] = ()
    targets: tuple[Literal["tensorrt"], ...] = ()
    guard: GuardSettings = GuardSettings()
    tracking: TrackingSettings = TrackingSettings()
    gates: Gates = Gates()
    operating_point: LabelledFrames | None = None
    expected: Expected | None = None
    calibration: Calibration | None = None
    quantize: Quantize = Quantize()
    prune: Prune | None = None
    measure: MeasureSettings | None = None
    card: Card | None = None
    head: tuple[Head, ...] = ()
    certainty: CertaintyTable | None = None
    clinical: Mapping[str, Coefficient] = field(default_factory=dict)
    created: str | None = None
    security_version: int = 0
    folder: Path = field(default_factory=Path)
    data_root: Path | None = None

    def __post_init__(self) -> None:
        check_name("name", self.name)
        check_name("version", self.version)
        check_text(self.intended_use, "intended_use")
        check_security_version(self.security_version)
        for variant in self.variants:
            if variant not in VARIANTS:
                raise InvalidSettings(f"variants: {variant!r}; allowed: {', '.join(VARIANTS)}")
            lacking = self._lacking(variant)
            if lacking is not None:
                raise InvalidSettings(f"variants: {variant} needs {lacking}")
        if self.targets and self.calibration is None:
            raise InvalidSettings("targets: tensorrt needs [calibration]")
        if all(VARIANTS[v].on_device for v in self.wanted):
            raise InvalidSettings("variants must name one at least that runs on a CPU")
        for variant in () if self.prune is None else self.prune.on:
            if variant not in VARIANTS:
                raise InvalidSettings(f"prune.on: {variant!r}; allowed: {', '.join(VARIANTS)}")
        self._check_opinions()
        if self.task == "classification" and self.outputs.class_probs is None:
            raise InvalidSettings("a classification needs outputs.class_probs")
        if self.task != "classification" and not isinstance(self.outputs.lesion_map, Output):
            raise InvalidSettings(f"task {self.task} needs outputs.lesion_map")
        embedding = self.outputs.embedding
        if embedding is not None and embedding.layer is not None and self.network.onnx is not None:
            raise InvalidSettings(
                "outputs.embedding.layer names a module of a torch network; of an ONNX file, name "
                "an output: outputs.embedding.output"
            )
        if self.task == "classification" and self.postprocess.geometry == "line":
            raise InvalidSettings("postprocess.geometry 'line' needs outputs.lesion_map")

    def _check_opinions(self) -> None:
        check_coefficients(self.clinical)
        if len({head.name for head in self.head}) < len(self.head):
            raise InvalidSettings("head: every one needs a name of its own")
        if len(self.head) > MOST_HEADS:
            raise InvalidSettings(f"head: at most {MOST_HEADS}, not {len(self.head)}")
        if self.measure is None and (self.head or self.certainty or self.clinical):
            raise InvalidSettings("head, certainty and clinical need [measure]")
        for head in self.head:
            if "embedding" in head.inputs and self.outputs.embedding is None:
                raise InvalidSettings(
                    f"head {head.name}: inputs names the embedding, which needs [outputs.embedding]"
                )
        if self.head or self.certainty is not None:
            asked = "head" if self.head else "certainty"
            if self.outputs.lesion_map == "none":
                raise InvalidSettings(f"{asked}: a classifier alone finds no region to judge")
            if not set(LABELS) <= set(self.postprocess.labels):
                raise InvalidSettings(f"{asked} needs the labels {' and '.join(LABELS)}")
            if self.postprocess.positive != ("malignant",):
                raise InvalidSettings(f'{asked} needs positive = ["malignant"]')

    @property
    def wanted(self) -> tuple[str, ...]:
        """Ids of the variants to build, in the table's order."""
        able = [v for v in VARIANTS if self._lacking(v) is None]
        named = self.variants or [v for v in able if not VARIANTS[v].on_device]
        built = [v for v in able if VARIANTS[v].runtime in self.targets]
        return tuple(v for v in VARIANTS if v in named or v in built)

    def _lacking(self, variant: str) -> str | None:
        row = VARIANTS[variant]
        if row.pruned and self.prune is None:
            return "[prune]"
        return "[calibration]" if row.dialect != "float" and self.calibration is None else None

    @property
    def files(self) -> Files:
        """Where the files are that the recipe names."""
        return Files(recipe=self)

    def path(self, name: str) -> Path:
        """A file that the recipe names, relative to the recipe's folder.

        Raises:
            InvalidRecipe: it lies in the data folder, and none was given.
        """
        return resolve(name, self.folder, self.data_root)


def read_recipe(file: str | Path, data_root: Path | None = None) -> Recipe:
    """Read a recipe.

    Args:
        data_root: where frames files lie that begin with {data}.

    Raises:
        InvalidRecipe: no such file, no TOML, or a key that is unknown, missing, of the
            wrong type or out of range; the message names the key and what is allowed.
    """
    path = Path(file)
    data = _toml(path)
    if "base" in data:
        data = _base(path, data["base"]) | data
    for name in NOT_KEYS:
        if name in data:
            raise InvalidRecipe(f"{name} is unknown")
    try:
        check_text(data, "the recipe")
        return replace(read(Recipe, data), folder=path.resolve().parent, data_root=data_root)
    except InvalidSettings as error:
        raise InvalidRecipe(f"{path.name}: {error}") from None


def _toml(path: Path) -> dict[str, Any]:
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return data
    except OSError as error:
        raise InvalidRecipe(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:  # also an integer that is too long to be read
        raise InvalidRecipe(f"{path} is no TOML: {str(error)[:200]}") from None


def _base(path: Path, name: object) -> dict[str, Any]:
    if not isinstance(name, str) or not name or not name.isprintable() or Path(name).name != name:
        raise InvalidRecipe(f"{path.name}: base must be the name of a recipe in the same folder")
    data = _toml(path.with_name(name))
    if "base" in data:
        raise InvalidRecipe(f"{path.name}: {name} has a base itself")
    return data
