"""Which bundles and settings the native frame path knows; Python's takes the others."""

from __future__ import annotations

from typing import Final

from sonoedge.frame_path import PathSettings
from sonoedge.native.structs import MAX_LABELS
from sonoedge.runtime import TensorSpec

MAX_SIDE: Final = 4096  # of a map; as of the network's input
MAX_FRAME_SIDE: Final = 1 << 15  # sizes are int32 in C


def not_covered(
    settings: PathSettings, inputs: tuple[TensorSpec, ...], outputs: tuple[TensorSpec, ...]
) -> str:
    """What stands against the native path, for a message; "" where nothing does.

    Args:
        inputs, outputs: the engine's.
    """
    preprocess, postprocess = settings.preprocess, settings.postprocess
    guard, tracking = settings.guard, settings.tracking
    if preprocess.interpolation != "exact":
        return f"interpolation {preprocess.interpolation!r}"
    if postprocess.geometry != "region":
        return f"geometry {postprocess.geometry!r}"
    if max(len(postprocess.labels), len(postprocess.positive)) > MAX_LABELS:
        return f"more than {MAX_LABELS} labels"
    if any("\0" in label or not _is_unicode(label) for label in postprocess.labels):
        return "a label that is no text for C"
    shape = (1, 1, preprocess.height, preprocess.width)
    if [(spec.dtype, spec.shape) for spec in inputs] != [("uint8", shape)]:
        return "the network's input"
    if guard.max_side_px > MAX_FRAME_SIDE:
        return f"max_side_px above {MAX_FRAME_SIDE}"
    limits = () if tracking is None else (tracking.hold_off_frames, tracking.lost_after_frames)
    if not all(-(1 << 63) <= limit < 1 << 63 for limit in limits):
        return "a setting of more than 64 bits"
    return _output_not_covered(outputs, len(postprocess.labels))


def _output_not_covered(outputs: tuple[TensorSpec, ...], labels: int) -> str:
    """The tensors that it reads must be of the kind that it reads: nothing else is looked at."""
    specs = {spec.name: spec for spec in outputs}
    maps = [specs[name] for name in ("lesion_map", "malignancy_map") if name in specs]
    for spec in maps:
        sides = spec.shape[2:]
        is_map = spec.dtype == "uint8" and len(spec.shape) == 4 and spec.shape[:2] == (1, 1)
        if not is_map or not all(1 <= side <= MAX_SIDE for side in sides):
            return f"the output {spec.name}"
    if len({spec.shape for spec in maps}) > 1:
        return "maps of different sizes"
    for name, dtype, shape in (("class_probs", "float32", (1, labels)), ("finite", "uint8", (1,))):
        found = specs.get(name)
        if found is not None and (found.dtype, found.shape) != (dtype, shape):
            return f"the output {name}"
    return ""


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
