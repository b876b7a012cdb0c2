"""What must hold of a manifest beyond its types: names, limits, and parts that fit together."""

from __future__ import annotations

import math
import re
from typing import Final

import numpy as np

from sonoedge.bundle.heads import MOST_HEADS
from sonoedge.bundle.manifest import Manifest, Variant
from sonoedge.bundle.names import check_label, check_name, check_security_version
from sonoedge.bundle.reading import is_plain_path
from sonoedge.certainty import LABELS
from sonoedge.clinical import check_coefficients
from sonoedge.errors import InvalidSettings
from sonoedge.processing.postprocess import EMBEDDING, FINITE
from sonoedge.runtime import TensorSpec
from sonoedge.trust.manifest_signature import ENVELOPE

MOST_FILES: Final = 256
MOST_VARIANTS: Final = 64
MOST_GOLDEN_FRAMES: Final = 64
MOST_FILE_BYTES: Final = 1 << 31  # what an ONNX graph in one file can have
MOST_BUNDLE_BYTES: Final = 1 << 34
MOST_LEVELS: Final = 64  # of a tolerance
MOST_PROBS: Final = 0.1
MOST_TENSORS: Final = 16
MOST_ELEMENTS: Final = 1 << 24  # of a tensor
MOST_EMBEDDING: Final = 4096  # components
MOST_GOLDEN_BYTES: Final = 1 << 28  # of a variant's golden outputs, all frames together
FLOAT_GRAPH: Final = "graphs/fp32.onnx"  # of the unpruned network; every export writes it
MAPS: Final = ("lesion_map", "malignancy_map")
DTYPES: Final = ("uint8", "int32", "int64", "float32", "bool")
_SHA256: Final = re.compile("[0-9a-f]{64}")


def check_manifest(manifest: Manifest) -> None:
    """Refuse a manifest that no export writes.

    Raises:
        InvalidSettings: the message names the key and what is allowed.
    """
    check_name("name", manifest.name)
    check_name("version", manifest.version)
    check_security_version(manifest.security_version)
    for label in manifest.postprocess.labels:
        check_label(label)
    _check_files(manifest)
    _check_tensors(manifest)
    _check_variants(manifest)
    _check_golden(manifest)
    _check_thresholds(manifest)
    _check_heads(manifest)


def _check_heads(manifest: Manifest) -> None:
    check_coefficients(manifest.clinical)
    names = [head.name for head in manifest.heads]
    if len(names) > MOST_HEADS or len(set(names)) < len(names):
        raise InvalidSettings(f"heads must be at most {MOST_HEADS}, each of a name of its own")
    variants = {variant.id for variant in manifest.variants}
    for number, head in enumerate(manifest.heads):
        where = f"heads[{number}]"
        for path in (head.model, head.golden):
            _check_digest(manifest, path)
        if not set(head.variants) <= variants:
            raise InvalidSettings(f"{where}.variants names one that is not in the bundle")
        graph = manifest.files.get(FLOAT_GRAPH)
        if graph is None or graph.sha256 != head.network_sha256:
            raise InvalidSettings(
                f"{where}: {head.name} was fitted on regions of another network than "
                f"{FLOAT_GRAPH}; export the bundle again"
            )
        if "embedding" in head.inputs and all(o.name != EMBEDDING for o in manifest.outputs):
            raise InvalidSettings(
                f"{where}: {head.name} is told the network's embedding, and the graphs give none; "
                "export the bundle again, with [outputs.embedding]"
            )
    if (manifest.heads or manifest.certainty is not None) and (
        manifest.postprocess.positive != ("malignant",)
        or not set(LABELS) <= set(manifest.postprocess.labels)
    ):
        raise InvalidSettings(
            "heads and certainty are for networks with the labels benign and malignant, "
            "malignant positive"
        )


def _check_files(manifest: Manifest) -> None:
    if len(manifest.files) > MOST_FILES:
        raise InvalidSettings(f"files names {len(manifest.files)} files; at most {MOST_FILES}")
    for path, each in manifest.files.items():
        if not is_plain_path(path) or path in ("manifest.json", ENVELOPE):
            raise InvalidSettings(
                f"files: {path[:80]!r} is not a plain path of another file in the bundle"
            )
        if not 0 <= each.bytes <= MOST_FILE_BYTES or not _SHA256.fullmatch(each.sha256):
            raise InvalidSettings(
                f"files.{path} must have 0 to {MOST_FILE_BYTES} bytes and a SHA-256 of 64 "
                "hexadecimal digits"
            )
    if sum(each.bytes for each in manifest.files.values()) > MOST_BUNDLE_BYTES:
        raise InvalidSettings(f"files have more than {MOST_BUNDLE_BYTES} bytes together")


def _check_tensors(manifest: Manifest) -> None:
    frame = (1, 1, manifest.preprocess.height, manifest.preprocess.width)
    for key, specs in (("inputs", manifest.inputs), ("outputs", manifest.outputs)):
        if not 1 <= len(specs) <= MOST_TENSORS or len({s.name for s in specs}) != len(specs):
            raise InvalidSettings(f"{key} must be 1 to {MOST_TENSORS} tensors of different names")
        for spec in specs:
            check_name(f"{key}: name", spec.name)
            if spec.dtype not in DTYPES:
                raise InvalidSettings(
                    f"{key}: {spec.name} is {spec.dtype[:40]!r}; allowed: {', '.join(DTYPES)}"
                )
            if min(spec.shape, default=1) < 1 or math.prod(spec.shape) > MOST_ELEMENTS:
                raise InvalidSettings(
                    f"{key}: {spec.name} must have 1 to {MOST_ELEMENTS} elements, each dimension "
                    "1 or more"
                )
    if len(manifest.inputs) != 1 or not _is(manifest.inputs[0], "uint8", frame):
        raise InvalidSettings(f"inputs must be one tensor, uint8 {list(frame)}, as in preprocess")
    outputs = {spec.name: spec for spec in manifest.outputs}
    alone = manifest.task == "classification" and "class_probs" in outputs
    if "lesion_map" not in outputs and ("malignancy_map" in outputs or not alone):
        raise InvalidSettings("outputs must hold lesion_map; a classifier alone, class_probs")
    if manifest.postprocess.geometry == "line" and "lesion_map" not in outputs:
        raise InvalidSettings("postprocess.geometry 'line' needs the output lesion_map")
    if FINITE in outputs and not _is(outputs[FINITE], "uint8", (1,)):
        raise InvalidSettings(f"outputs: {FINITE} must be uint8 [1]")
    if EMBEDDING in outputs and not _is_embedding(outputs[EMBEDDING]):
        raise InvalidSettings(
            f"outputs: {EMBEDDING} must be float32 [1, K], K 2 to {MOST_EMBEDDING}"
        )
    for name in MAPS:
        if name in outputs and not _is_map(outputs[name]):
            raise InvalidSettings(f"outputs: {name} must be uint8 [1, 1, h, w]")
    labels = len(manifest.postprocess.labels)
    probs = outputs.get("class_probs")
    if probs is not None and not _is(probs, "float32", (1, labels)):
        raise InvalidSettings(f"outputs: class_probs must be float32 [1, {labels}], one per label")


def _is(spec: TensorSpec, dtype: str, shape: tuple[int, ...]) -> bool:
    return spec.dtype == dtype and spec.shape == shape


def _is_embedding(spec: TensorSpec) -> bool:
    shape = spec.shape
    return (
        spec.dtype == "float32"
        and len(shape) == 2
        and shape[0] == 1
        and 2 <= shape[1] <= MOST_EMBEDDING
    )


def _is_map(spec: TensorSpec) -> bool:
    return spec.dtype == "uint8" and len(spec.shape) == 4 and spec.shape[:2] == (1, 1)


def _check_variants(manifest: Manifest) -> None:
    ids = [v.id for v in manifest.variants]
    if len(ids) > MOST_VARIANTS:
        raise InvalidSettings(f"variants names {len(ids)} variants; at most {MOST_VARIANTS}")
    for number, variant_id in enumerate(ids):
        check_name(f"variants[{number}].id", variant_id)
    if not ids or len(set(ids)) != len(ids) or manifest.reference_variant not in ids:
        raise InvalidSettings("variants must have different ids, one the reference_variant")
    for number, variant in enumerate(manifest.variants):
        for path in (*variant.model_files, variant.golden, variant.golden_regions):
            _check_digest(manifest, path)
        if variant.weights is not None and variant.runtime != "openvino":
            raise InvalidSettings(f"variants[{number}].weights is for openvino alone")
        _check_numbers(variant, number)


def _check_numbers(variant: Variant, number: int) -> None:
    tolerance = variant.tolerance
    # Wider ones would let any answer pass; the widest that an export writes are 40 and 0.05.
    if not (0 <= tolerance.map_levels <= MOST_LEVELS and 0 <= tolerance.probs <= MOST_PROBS):
        raise InvalidSettings(
            f"variants[{number}].tolerance: map_levels must be 0 to {MOST_LEVELS}, probs 0 to "
            f"{MOST_PROBS}"
        )
    if variant.latency_ms_p50 is not None and variant.latency_ms_p50 <= 0:
        raise InvalidSettings(f"variants[{number}].latency_ms_p50 must be above 0")


def _check_golden(manifest: Manifest) -> None:
    frames = manifest.golden.frames
    if not 1 <= len(frames) <= MOST_GOLDEN_FRAMES:
        raise InvalidSettings(f"golden.frames must name 1 to {MOST_GOLDEN_FRAMES} pictures")
    for path in frames:
        _check_digest(manifest, path)
    size = sum(math.prod(s.shape) * np.dtype(s.dtype).itemsize for s in manifest.outputs)
    if size * len(frames) > MOST_GOLDEN_BYTES:
        raise InvalidSettings(
            f"golden.frames: the outputs for {len(frames)} frames have {size * len(frames)} bytes; "
            f"at most {MOST_GOLDEN_BYTES}: fewer golden frames fit"
        )


def _check_digest(manifest: Manifest, path: str) -> None:
    if path not in manifest.files:
        raise InvalidSettings(f"{path[:80]!r} is used but has no digest in files")


def _check_thresholds(manifest: Manifest) -> None:
    flag_threshold = manifest.postprocess.flag_threshold
    operating_threshold = manifest.operating_point.threshold
    if flag_threshold != operating_threshold:
        raise InvalidSettings(
            f"operating_point.threshold is {operating_threshold:g}, postprocess.flag_threshold "
            f"{flag_threshold:g}: the sensitivity recorded is not that of the flags raised"
        )
    area = manifest.preprocess.height * manifest.preprocess.width
    if manifest.postprocess.min_area_input_px > area:
        raise InvalidSettings(
            f"postprocess.min_area_input_px must be at most {area}, the area of the input"
        )
