"""The native frame path's structs, filled from Python's values."""

from __future__ import annotations

import ctypes as c
import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sonoedge.frames import Frame
from sonoedge.guard import GuardSettings
from sonoedge.native.structs import (
    Evidence,
    FrameFields,
    GuardFields,
    Image,
    Maps,
    Postprocess,
    Preprocess,
    Settings,
    Tracking,
)
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.processing.preprocess import PreprocessSpec
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.runtime import Tensors

Pixels = npt.NDArray[np.uint8]
Box = tuple[int, int, int, int]


def touching(pixels: Pixels) -> Pixels:
    """The pixels with each row's next to each other, as C reads them: these, or a copy."""
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    row, pixel = pixels.strides[:2]
    is_dense = pixel == channels and (pixels.ndim == 2 or pixels.strides[2] == 1)
    if is_dense and row >= pixels.shape[1] * channels:
        return pixels
    return np.ascontiguousarray(pixels)


def image_of(pixels: Pixels) -> Any:
    """A picture as C sees it: its rows may be apart, a row's pixels may not."""
    height, width = pixels.shape[:2]
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    if pixels.size:
        assert pixels.strides[1] == channels
        assert pixels.ndim == 2 or pixels.strides[2] == 1
    stride = pixels.strides[0] if height > 1 else width * channels
    return Image(pixels.ctypes.data, width, height, stride, channels)


def _set(fields: Any, name: str, value: Any) -> None:
    """An optional field."""
    setattr(fields, f"has_{name}", value is not None)
    if value is not None:
        kind = type(getattr(fields, name))
        setattr(fields, name, kind(*value) if isinstance(value, tuple) else value)


def preprocess_of(spec: PreprocessSpec) -> Any:
    fields = Preprocess(spec.height, spec.width, spec.resize == "stretch", spec.pad_value)
    if spec.roi is not None:
        roi = spec.roi
        _set(fields, "roi", (roi.x0, roi.y0, roi.x1, roi.y1, roi.unit == "fraction"))
    _set(fields, "grey_map", spec.grey_map)
    return fields


def postprocess_of(spec: PostprocessSpec) -> Any:
    fields = Postprocess(label_count=len(spec.labels), positive_count=len(spec.positive))
    for i, label in enumerate(spec.labels):
        fields.labels[i] = label.encode()
    for i, label in enumerate(spec.positive):
        fields.positive[i] = spec.labels.index(label)
    for name in (
        *("lesion_threshold", "min_area_input_px", "max_regions", "flag_threshold"),
        "scope_threshold",
    ):
        setattr(fields, name, getattr(spec, name))
    scope = spec.out_of_scope
    fields.out_of_scope = -1 if scope is None else spec.labels.index(scope)
    return fields


def guard_of(settings: GuardSettings) -> Any:
    fields = GuardFields(is_spacing_required=settings.spacing_required)
    for name in (
        *("frozen_after_ms", "black_level", "bars_contrast", "colour_level", "air_structure"),
        *("aspect", "depth_mm", "pixel_aspect"),
    ):
        _set(fields, name, getattr(settings, name))
    for name in (
        *("saturated_level", "saturated_share", "constant_range", "max_side_px"),
        "colour_share",
    ):
        setattr(fields, name, getattr(settings, name))
    for name in ("probe", "preset"):
        names = getattr(settings, f"{name}s")
        if names is not None:
            setattr(fields, f"has_{name}s", 1)
            setattr(fields, f"{name}_count", len(names))
            setattr(fields, f"{name}s", (c.c_char_p * len(names))(*(n.encode() for n in names)))
    return fields


def tracking_of(settings: TrackingSettings) -> Any:
    fields = Tracking()
    for name in ("raise_threshold", "keep_threshold"):
        _set(fields, name, getattr(settings, name))
    for name in (
        *("match_iou", "raise_frames", "window_frames", "keep_frames", "hold_off_frames"),
        *("lost_after_frames", "gap_ms"),
    ):
        setattr(fields, name, getattr(settings, name))
    if settings.evidence is not None:
        rule = settings.evidence
        _set(fields, "evidence", tuple(getattr(rule, name) for name, _ in Evidence._fields_))
    return fields


def frame_of(frame: Frame) -> Any:
    """`struct so_frame`; it points into the frame's pixels."""
    fields = FrameFields()
    set_frame(fields, frame, frame.pixels, frame.roi_px, frame.meta.invalid)
    return fields


def set_frame(
    fields: Any, frame: Frame, pixels: Pixels, roi_px: Box | None, invalid: str | None
) -> None:
    """Fill a `struct so_frame` with a frame in which `value_fault` found nothing.

    Args:
        pixels: the frame's, `touching`; they must be there for as long as C reads them.
        roi_px, invalid: in place of the frame's.
    """
    meta, spacing = frame.meta, frame.spacing_mm
    fields.image = image_of(pixels)
    fields.captured_ns = int(frame.stream_ns)
    fields.is_frozen = bool(meta.frozen)
    fields.has_spacing = spacing is not None
    if spacing is not None:
        fields.spacing_mm = (float(spacing[0]), float(spacing[1]))
    _set(fields, "pixel_aspect", None if frame.pixel_aspect is None else float(frame.pixel_aspect))
    _set(fields, "roi", roi_px)
    _set(fields, "depth_mm", None if meta.depth_mm is None else float(meta.depth_mm))
    _set(fields, "gain_db", None if meta.gain_db is None else float(meta.gain_db))
    fields.probe, fields.preset = name_of(meta.probe), name_of(meta.preset)
    fields.invalid = name_of(invalid)


def name_of(text: str | bytes | None) -> bytes | None:
    """A text as C can hold it.

    For one that holds NUL or is no Unicode its digest stands: C tells scenes apart by it.
    """
    if text is None or isinstance(text, bytes):
        return text
    data = text.encode("utf-8", "surrogatepass")
    odd = b"\0" in data or data.decode("utf-8", "replace") != text
    return hashlib.sha256(data).hexdigest().encode() if odd else data


def maps_of(maps: Tensors) -> Any:
    """`struct so_maps`; it points into the arrays, whose values must touch."""
    fields = Maps()
    for field, name in (
        ("lesion", "lesion_map"),
        ("malignancy", "malignancy_map"),
        ("class_probs", "class_probs"),
        ("finite", "finite"),
    ):
        if name in maps:
            assert maps[name].flags.c_contiguous
            setattr(fields, field, maps[name].ctypes.data)
    return fields


def settings_of(
    *,
    preprocess: PreprocessSpec,
    postprocess: PostprocessSpec,
    guard: GuardSettings,
    outputs: dict[str, Sequence[int]],
    tracking: TrackingSettings | None,
) -> Any:
    """`struct so_settings`, but for what the frame path does not read.

    Args:
        outputs: the network's, by name, with their shapes.
    """
    settings = Settings(
        preprocess=preprocess_of(preprocess),
        postprocess=postprocess_of(postprocess),
        guard=guard_of(guard),
        tracking=tracking_of(tracking or TrackingSettings()),
        output_count=len(outputs),
        **dict.fromkeys(("lesion_map", "malignancy_map", "class_probs", "finite"), -1),
    )
    for i, (name, shape) in enumerate(outputs.items()):
        setattr(settings, name, i)
        for axis, length in enumerate(shape):
            settings.outputs[i].shape[axis] = length
    return settings
