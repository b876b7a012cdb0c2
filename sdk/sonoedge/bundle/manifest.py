"""manifest.json: what a bundle holds, where it comes from, and what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from sonoedge.bundle.card import Card
from sonoedge.bundle.gates import Gates
from sonoedge.bundle.identity import manifest_text
from sonoedge.guard import GuardSettings
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.processing.preprocess import PreprocessSpec
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.runtime import TensorSpec
from sonoedge.settings import plain

SCHEMA_VERSION: Final = 2
Task = Literal["segmentation", "classification", "both"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """SHA-256 (FIPS 180-4, hexadecimal) and size in bytes of a file."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """How far an engine's answer may lie from its golden answer.

    Attributes:
        map_levels: largest difference of a map's cell, in levels of 255; a manifest may say 0
            to 64.
        probs: largest difference of a probability; a manifest may say 0 to 0.1.
    """

    map_levels: int = 2
    probs: float = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One model for one runtime in one precision.

    Attributes:
        id: such as "onnxruntime-fp32".
        runtime, precision: see `sonoedge.runtime`.
        model: the model's file within the bundle.
        weights: the second file of a model that is two (OpenVINO's .bin), or None.
        golden: file with its outputs for the golden frames (NumPy .npz, no pickle).
        golden_regions: file with the flags and regions that these outputs gave (JSON).
        tolerance: for comparing with the golden answers.
        latency_ms_p50: median of one engine call on the machine that built the bundle;
            None for a graph whose engine is built on the device that runs it.
        metrics: accuracy against labelled frames and agreement with the trained network.
        needs_int8_products: its int8 weights use their whole range, so that it answers
            otherwise where 8-bit products overflow (`cpu.int8_overflows`): it is refused there.
    """

    id: str
    runtime: str
    precision: str
    model: str
    golden: str
    golden_regions: str
    tolerance: Tolerance
    latency_ms_p50: float | None
    metrics: Mapping[str, Any]
    weights: str | None = None
    needs_int8_products: bool = False

    @property
    def model_files(self) -> tuple[str, ...]:
        """The files that the engine is loaded from."""
        return (self.model,) if self.weights is None else (self.model, self.weights)


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingPoint:
    """Where flags are raised, and what that gave on labelled frames.

    Attributes:
        threshold: suspicion from which a region is flagged.
        chosen_on: which data chose it.
        measured_on: sets of frames, each with its split: those that the recipe held back for
            it, or else those that the variants were judged on.
        sensitivity, specificity: of flags on frames with against without a positive
            label, on `measured_on`; with 95 % intervals; None where not measurable.
    """

    threshold: float
    chosen_on: str
    measured_on: str
    sensitivity: float | None
    sensitivity_ci95: tuple[float, float] | None
    specificity: float | None
    specificity_ci95: tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """Frames whose answers are known: they are asked before a bundle is used.

    Attributes:
        frames: picture files within the bundle (PNG), whole source frames; 1 to 64.
    """

    frames: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """All that manifest.json says.

    Attributes:
        bundle_id: name, version and the first digits of a digest over the whole manifest;
            `to_json` computes it (see `sonoedge.bundle.identity`).
        created: ISO 8601, from the recipe or SOURCE_DATE_EPOCH; None where neither says.
        inputs, outputs: the models' tensors, the same for every variant.
        reference_variant: the one that the others' flags are compared with.
        lineage: tools, network, recipe and data that the bundle was made from.
        files: digest of every file but manifest.json, by path within the bundle.
        tracking: how regions are followed over frames, and when the temporal flag is up.
        security_version: counts up only when older bundles of this name must not run any more.
        gates: the limits that the variants were judged by at export, and by which `sonoedge
            verify` judges them again.
        card: what whoever made the network states of it; None where the recipe has no [card].
    """

    schema_version: int
    bundle_id: str
    name: str
    version: str
    created: str | None
    intended_use: str
    task: Task
    preprocess: PreprocessSpec
    postprocess: PostprocessSpec
    guard: GuardSettings
    operating_point: OperatingPoint
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    variants: tuple[Variant, ...]
    reference_variant: str
    golden: Golden
    lineage: Mapping[str, Any]
    files: Mapping[str, Digest]
    gates: Gates
    tracking: TrackingSettings = TrackingSettings()
    security_version: int = 0
    card: Card | None = None

    def to_json(self) -> str:
        """The file's text, its bundle_id computed; the same manifest gives the same bytes."""
        data = plain(self)
        if self.card is None:
            del data["card"]  # younger than schema 2: without it, what schema 2 first was
        if self.preprocess.interpolation == "area":
            del data["preprocess"]["interpolation"]  # younger too: its absence means just this
        if self.tracking.evidence is None:
            del data["tracking"]["evidence"]  # younger too: its absence means votes
        return manifest_text(data)
