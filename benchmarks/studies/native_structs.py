"""The native library's structs of core/settings.h and core/frame_path.h, filled from Python's."""

from __future__ import annotations

import ctypes as c
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sonoedge.frames import Frame
from sonoedge.guard import GuardSettings
from sonoedge.processing.postprocess import PostprocessSpec
from sonoedge.processing.preprocess import PreprocessSpec
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.runtime import Tensors

MAX_LABELS: Final = 64
MAX_TENSORS: Final = 16
Pixels = npt.NDArray[np.uint8]


def _struct(name: str, *fields: tuple[str, Any]) -> Any:
    return type(name, (c.Structure,), {"_fields_": list(fields)})


def _optional(name: str, kind: Any) -> tuple[tuple[str, Any], tuple[str, Any]]:
    return (f"has_{name}", c.c_int), (name, kind)


BYTES = c.POINTER(c.c_uint8)
DOUBLES = c.POINTER(c.c_double)
Image = _struct(
    "Image",
    ("pixels", c.c_void_p),
    ("width", c.c_int32),
    ("height", c.c_int32),
    ("stride", c.c_size_t),
    ("channels", c.c_int32),
)
TensorSpec = _struct(
    "TensorSpec",
    ("name", c.c_char * 65),
    ("dtype", c.c_int),
    ("rank", c.c_uint32),
    ("shape", c.c_int64 * 8),
    ("bytes", c.c_size_t),
)
Roi = _struct(
    "Roi", *((edge, c.c_double) for edge in ("x0", "y0", "x1", "y1")), ("is_fraction", c.c_int)
)
Preprocess = _struct(
    "Preprocess",
    ("height", c.c_int32),
    ("width", c.c_int32),
    ("is_stretch", c.c_int),
    ("pad_value", c.c_uint8),
    *_optional("roi", Roi),
    *_optional("grey_map", c.c_uint8 * 256),
)
Postprocess = _struct(
    "Postprocess",
    ("label_count", c.c_uint32),
    ("labels", c.c_char_p * MAX_LABELS),
    ("positive_count", c.c_uint32),
    ("positive", c.c_uint32 * MAX_LABELS),
    ("lesion_threshold", c.c_double),
    ("min_area_input_px", c.c_double),
    ("max_regions", c.c_int32),
    ("flag_threshold", c.c_double),
    ("out_of_scope", c.c_int32),
    ("scope_threshold", c.c_double),
)
GuardFields = _struct(
    "GuardFields",
    *_optional("frozen_after_ms", c.c_double),
    ("saturated_level", c.c_int32),
    ("saturated_share", c.c_double),
    ("constant_range", c.c_int32),
    ("max_side_px", c.c_int64),
    *_optional("black_level", c.c_int32),
    *_optional("bars_contrast", c.c_double),
    *_optional("colour_level", c.c_int32),
    ("colour_share", c.c_double),
    *_optional("air_structure", c.c_double),
    *_optional("aspect", c.c_double * 2),
    *_optional("depth_mm", c.c_double * 2),
    *_optional("pixel_aspect", c.c_double * 2),
    ("is_spacing_required", c.c_int),
    ("has_probes", c.c_int),
    ("has_presets", c.c_int),
    ("probe_count", c.c_uint32),
    ("preset_count", c.c_uint32),
    ("probes", c.POINTER(c.c_char_p)),
    ("presets", c.POINTER(c.c_char_p)),
)
Tracking = _struct(
    "Tracking",
    ("match_iou", c.c_double),
    *_optional("raise_threshold", c.c_double),
    *_optional("keep_threshold", c.c_double),
    ("raise_frames", c.c_int32),
    ("window_frames", c.c_int32),
    ("keep_frames", c.c_int32),
    ("hold_off_frames", c.c_int64),
    ("lost_after_frames", c.c_int64),
    ("gap_ms", c.c_double),
)
Settings = _struct(
    "Settings",
    ("preprocess", Preprocess),
    ("postprocess", Postprocess),
    ("guard", GuardFields),
    ("tracking", Tracking),
    ("input", TensorSpec),
    ("output_count", c.c_uint32),
    ("outputs", TensorSpec * MAX_TENSORS),
    ("lesion_map", c.c_int32),
    ("malignancy_map", c.c_int32),
    ("class_probs", c.c_int32),
    ("finite", c.c_int32),
)
FrameFields = _struct(
    "FrameFields",
    ("image", Image),
    ("captured_ns", c.c_int64),
    ("has_spacing", c.c_int),
    ("spacing_mm", c.c_double * 2),
    *_optional("pixel_aspect", c.c_double),
    *_optional("roi", c.c_int32 * 4),
    ("probe", c.c_char_p),
    ("preset", c.c_char_p),
    *_optional("depth_mm", c.c_double),
    *_optional("gain_db", c.c_double),
    ("is_frozen", c.c_int),
    ("invalid", c.c_char_p),
)
Maps = _struct(
    "Maps",
    *((name, c.c_void_p) for name in ("lesion", "malignancy", "class_probs", "finite")),
)
RegionFields = _struct(
    "RegionFields",
    ("contour", c.POINTER(c.c_int32)),
    ("points", c.c_uint32),
    ("box", c.c_int32 * 4),
    ("area_px", c.c_double),
    ("has_mm", c.c_int),
    ("area_mm2", c.c_double),
    ("width_mm", c.c_double),
    ("height_mm", c.c_double),
    ("suspicion", c.c_double),
    ("class_probs", DOUBLES),
    ("is_flagged", c.c_int),
    ("track_id", c.c_int64),
    ("is_track_flagged", c.c_int),
)
Findings = _struct(
    "Findings",
    ("region_count", c.c_uint32),
    ("regions", c.POINTER(RegionFields)),
    ("class_probs", DOUBLES),
    ("is_graded", c.c_int),
    ("temporal_flag", c.c_int),
)


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
    return fields


def frame_of(frame: Frame) -> Any:
    meta = frame.meta
    fields = FrameFields(
        image=image_of(frame.pixels), captured_ns=frame.captured_ns, is_frozen=meta.frozen
    )
    fields.has_spacing = frame.spacing_mm is not None
    if frame.spacing_mm is not None:
        fields.spacing_mm[:] = frame.spacing_mm
    _set(fields, "pixel_aspect", frame.pixel_aspect)
    _set(fields, "roi", frame.roi_px)
    _set(fields, "depth_mm", meta.depth_mm)
    _set(fields, "gain_db", meta.gain_db)
    for name in ("probe", "preset", "invalid"):
        text = getattr(meta, name)
        setattr(fields, name, text.encode() if isinstance(text, str) else text)
    return fields


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
