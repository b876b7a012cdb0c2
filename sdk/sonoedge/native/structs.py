"""The native library's structs of core/settings.h and core/frame_path.h; `fields` fills them."""

from __future__ import annotations

import ctypes as c
from typing import Any, Final

MAX_LABELS: Final = 64
MAX_TENSORS: Final = 16


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
Evidence = _struct(
    "Evidence",
    *(
        (name, c.c_double)
        for name in (
            *("raise_log_odds", "keep_log_odds", "most_log_odds", "unseen_log_odds"),
            "half_life_ms",
        )
    ),
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
    *_optional("evidence", Evidence),
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
