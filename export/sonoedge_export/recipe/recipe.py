"""A recipe: all that an export needs, in TOML, read strictly."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from sonoedge.bundle.manifest import Task
from sonoedge.errors import InvalidRecipe, InvalidSettings
from sonoedge.guard import GuardSettings
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.processing.preprocess import PreprocessSpec
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.settings import read
from sonoedge_export.gates import Gates
from sonoedge_export.recipe.calibration import Calibration
from sonoedge_export.recipe.expected import Expected
from sonoedge_export.recipe.prune import Prune
from sonoedge_export.recipe.quantize import Quantize
from sonoedge_export.recipe.variants import VARIANTS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DATA: str = "{data}/"  # what begins so lies in the folder that --data-root gives


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The trained network: code and weights, or an ONNX file.

    Attributes:
        factory: "module:function" that makes a torch.nn.Module; modules beside the
            recipe are found first.
        arguments: keyword arguments of the factory.
        weights: .safetensors, or a state dict that torch.load(weights_only=True) reads.
        onnx: a float network as an ONNX file, in place of factory and weights.
        mean, std: the network's input is (grey level - mean) / std.
        channels: 1, or 3 for a network that was trained on colour pictures.
    """

    factory: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    weights: str | None = None
    onnx: str | None = None
    mean: float = 127.5
    std: float = 127.5
    channels: Literal[1, 3] = 1

    def __post_init__(self) -> None:
        if (self.factory is None) == (self.onnx is None):
            raise InvalidSettings("give either factory (with weights) or onnx")
        if self.onnx is not None and self.weights is not None:
            raise InvalidSettings("weights belong to factory; an onnx file has its own")
        if self.factory is not None and self.factory.count(":") != 1:
            raise InvalidSettings("factory must be 'module:function'")
        if self.std <= 0:
            raise InvalidSettings("std must be above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """How one of the network's outputs becomes probabilities.

    Attributes:
        output: the output's key or position.
        activation: applied in the graph.
        channels: channels whose probabilities are summed; all for class_probs.
        over: channels to whose sum the probability is relative; None for absolute.
        temperature: logits are divided by it (Guo et al. 2017, arXiv:1706.04599).
        bias: added after that (Platt 1999); for a sigmoid alone.
    """

    output: str | int = 0
    activation: Literal["sigmoid", "softmax", "none"] = "softmax"
    channels: tuple[int, ...] | None = None
    over: tuple[int, ...] | None = None
    temperature: float = 1.0
    bias: float = 0.0

    def __post_init__(self) -> None:
        if not 0.01 <= self.temperature <= 100:
            raise InvalidSettings("temperature must be 0.01 to 100")
        if self.bias and self.activation != "sigmoid":
            raise InvalidSettings("bias needs activation = 'sigmoid'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """The graph's outputs.

    Attributes:
        lesion_map: where a lesion is; None makes a class-activation map of class_probs.
        malignancy_map: how suspicious each cell is, read inside a region.
        class_probs: probability per label for the whole frame.
        map_hw: (height, width) of the maps; None keeps the network's (for an
            activation map: a quarter of the input).
    """

    lesion_map: Output | None = None
    malignancy_map: Output | None = None
    class_probs: Output | None = None
    map_hw: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledFrames:
    """Labelled frames, named by their files.

    Attributes:
        frames: frames.json files, relative to the recipe.
        split: only frames of this split; None takes all.
    """

    frames: tuple[str, ...]
    split: str | None = None

    def __post_init__(self) -> None:
        if not self.frames:
            raise InvalidSettings("frames must name at least one frames.json")


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
    """See the module's docstring.

    Attributes:
        base: a recipe in the same folder whose keys and tables this one replaces, each
            table as a whole.
        variants: those to build, see `VARIANTS`; empty takes every one that the recipe
            has what it takes for: int8 needs [calibration], pruned ones [prune].
        targets: devices on which engines are built: "tensorrt" adds its graphs to the
            variants (needs [calibration]), for `sonoedge provision`.
        operating_point: frames on which nothing was trained or chosen: the flag threshold's
            sensitivity and specificity are measured there for the manifest; None takes `data`.
        expected: figures that the trained network must reach on `data`; None compares none.
        folder: where the recipe lies.
        data_root: what "{data}" at the beginning of a frames file stands for.
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
    variants: tuple[str, ...] = ()
    targets: tuple[Literal["tensorrt"], ...] = ()
    guard: GuardSettings = GuardSettings()
    tracking: TrackingSettings = TrackingSettings()
    gates: Gates = Gates()
    operating_point: LabelledFrames | None = None
    expected: Expected | None = None
    calibration: Calibration | None = None
    quantize: Quantize = Quantize()
    prune: Prune | None = None
    created: str | None = None
    folder: Path = field(default_factory=Path)
    data_root: Path | None = None

    def __post_init__(self) -> None:
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
        if self.task == "classification" and self.outputs.class_probs is None:
            raise InvalidSettings("a classification needs outputs.class_probs")
        if self.task != "classification" and self.outputs.lesion_map is None:
            raise InvalidSettings(f"task {self.task} needs outputs.lesion_map")
        if self.outputs.lesion_map is None and self.outputs.malignancy_map is not None:
            raise InvalidSettings("outputs.malignancy_map needs outputs.lesion_map")

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

    def path(self, name: str) -> Path:
        """A file that the recipe names, relative to the recipe's folder.

        Raises:
            InvalidRecipe: it lies in the data folder, and none was given.
        """
        if not name.startswith(DATA):
            return (self.folder / name).resolve()
        if self.data_root is None:
            raise InvalidRecipe(f"the recipe reads {name}: say where {{data}} is by --data-root")
        return (self.data_root / name.removeprefix(DATA)).resolve()


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
    for name in ("folder", "data_root"):
        if name in data:
            raise InvalidRecipe(f"{name} is unknown")
    try:
        return replace(read(Recipe, data), folder=path.resolve().parent, data_root=data_root)
    except InvalidSettings as error:
        raise InvalidRecipe(f"{path.name}: {error}") from None


def _toml(path: Path) -> dict[str, Any]:
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return data
    except OSError as error:
        raise InvalidRecipe(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidRecipe(f"{path} is no TOML: {error}") from None


def _base(path: Path, name: object) -> dict[str, Any]:
    if not isinstance(name, str) or Path(name).name != name:
        raise InvalidRecipe(f"{path.name}: base must be the name of a recipe in the same folder")
    data = _toml(path.with_name(name))
    if "base" in data:
        raise InvalidRecipe(f"{path.name}: {name} has a base itself")
    return data
