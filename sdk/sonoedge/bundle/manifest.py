"""manifest.json: what a bundle holds, where it comes from, and what was measured."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal

from sonoedge.bundle.gates import Gates
from sonoedge.bundle.reading import is_plain_path
from sonoedge.bundle.strict_json import parse_json
from sonoedge.errors import InvalidManifest, InvalidSettings
from sonoedge.guard import GuardSettings
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.processing.preprocess import PreprocessSpec
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.runtime import TensorSpec
from sonoedge.settings import plain, read

SCHEMA_VERSION: Final = 1
MOST_BYTES: Final = 1 << 20
MOST_FILES: Final = 256
MOST_VARIANTS: Final = 64
MOST_FILE_BYTES: Final = 1 << 31  # what an ONNX graph in one file can have
MOST_BUNDLE_BYTES: Final = 1 << 34
_SHA256: Final = re.compile("[0-9a-f]{64}")
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
        map_levels: largest difference of a map's cell, in levels of 255.
        probs: largest difference of a probability.
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
        golden: file with its golden answers (NumPy .npz, no pickle).
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
    """Frames whose answers are known.

    Attributes:
        frames: picture files within the bundle (PNG), whole source frames.
    """

    frames: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """All that manifest.json says.

    Attributes:
        bundle_id: name, version and the first digits of the digest over all files.
        created: ISO 8601, from the recipe or SOURCE_DATE_EPOCH; None where neither says.
        inputs, outputs: the models' tensors, the same for every variant.
        reference_variant: the one that the others' flags are compared with.
        lineage: tools, network, recipe and data that the bundle was made from.
        files: digest of every file but manifest.json, by path within the bundle.
        tracking: how regions are followed over frames, and when the temporal flag is up.
        gates: the limits that the variants were judged by at export, and by which `sonoedge
            verify` judges them again; a device needs none. None in a bundle that was exported
            before manifests held them.
        signature: reserved.
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
    tracking: TrackingSettings = TrackingSettings()
    gates: Gates | None = None
    signature: Mapping[str, Any] | None = field(default=None)

    def to_json(self) -> str:
        """The file's text; the same manifest gives the same bytes."""
        return json.dumps(plain(self), indent=1, sort_keys=True, allow_nan=False) + "\n"


def parse(text: bytes) -> Manifest:
    """Read manifest.json.

    Raises:
        InvalidManifest: it is no JSON, of another schema version, or breaks a rule.
    """
    try:
        data = parse_json(text, "manifest.json", most_bytes=MOST_BYTES)
    except InvalidSettings as error:
        raise InvalidManifest(str(error)) from None
    version = data.get("schema_version") if isinstance(data, dict) else None
    if version != SCHEMA_VERSION:
        raise InvalidManifest(
            f"manifest.json has schema version {version!r}, this sonoedge reads {SCHEMA_VERSION}; "
            "export the bundle again, or install the sonoedge that wrote it"
        )
    try:
        manifest = read(Manifest, data)
        _check_gates(data.get("gates"))
    except InvalidSettings as error:
        raise InvalidManifest(f"manifest.json: {error}") from None
    _check(manifest)
    return manifest


def _check_gates(data: Mapping[str, object] | None) -> None:
    """Every limit must be there: the recipe's defaults are no measure of a finished bundle."""
    missing = [] if data is None else [f.name for f in fields(Gates) if f.name not in data]
    if missing:
        raise InvalidSettings(f"gates.{missing[0]} is missing")


def _check(manifest: Manifest) -> None:
    ids = [v.id for v in manifest.variants]
    if not ids or len(set(ids)) != len(ids) or manifest.reference_variant not in ids:
        raise InvalidManifest("manifest.json: variants must have different ids, one the reference")
    if len(ids) > MOST_VARIANTS or len(manifest.files) > MOST_FILES:
        raise InvalidManifest(
            f"manifest.json: names {len(ids)} variants and {len(manifest.files)} files; at most "
            f"{MOST_VARIANTS} and {MOST_FILES} are read"
        )
    for path, each in manifest.files.items():
        if not is_plain_path(path) or path == "manifest.json":
            raise InvalidManifest(
                f"manifest.json: {path[:80]!r} is not a plain path of another file in the bundle"
            )
        if not 0 <= each.bytes <= MOST_FILE_BYTES or not _SHA256.fullmatch(each.sha256):
            raise InvalidManifest(
                f"manifest.json: files.{path} must have 0 to {MOST_FILE_BYTES} bytes and a SHA-256 "
                "of 64 hexadecimal digits"
            )
    if sum(each.bytes for each in manifest.files.values()) > MOST_BUNDLE_BYTES:
        raise InvalidManifest(f"manifest.json: its files have over {MOST_BUNDLE_BYTES} bytes")
    used = [p for v in manifest.variants for p in (*v.model_files, v.golden)]
    used += manifest.golden.frames
    for path in used:
        if path not in manifest.files:
            raise InvalidManifest(f"manifest.json: {path} is used but has no digest")
