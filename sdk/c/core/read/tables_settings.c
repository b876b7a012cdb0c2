/* Fields and defaults of what says how frames are analysed; the Python classes stand beside. */
#include "field.h"

/* geometry.Roi */
#define RECORD so_manifest_roi
static const char *const UNITS[] = {"px", "fraction", NULL};
static const struct so_field ROI_FIELDS[] = {
    FIELD(NUMBER, x0, 0),
    FIELD(NUMBER, y0, 0),
    FIELD(NUMBER, x1, 0),
    FIELD(NUMBER, y1, 0),
    CHOICE(unit, SO_MAY_LACK, UNITS),
};
static const struct so_table ROI = TABLE(ROI_FIELDS, NULL);
#undef RECORD

/* preprocess.PreprocessSpec; parse.py takes a lacking interpolation as "area" */
#define RECORD so_manifest_preprocess
static const char *const POLICIES[] = {"letterbox", "stretch", NULL};
static const char *const INTERPOLATIONS[] = {"exact", "area", NULL};
static const struct so_manifest_preprocess PREPROCESS_DEFAULTS = {
    .pad_value = WHOLE(0),
    .interpolation = SO_AREA,
};
static const struct so_field PREPROCESS_FIELDS[] = {
    FIELD(WHOLE, height, 0),
    FIELD(WHOLE, width, 0),
    CHOICE(resize, SO_MAY_LACK, POLICIES),
    FIELD(WHOLE, pad_value, SO_MAY_LACK),
    NESTED(RECORD, roi, EITHER, &ROI),
    FIELD(WHOLES, grey_map, EITHER),
    CHOICE(interpolation, SO_MAY_LACK, INTERPOLATIONS),
};
const struct so_table so_table_preprocess = TABLE(PREPROCESS_FIELDS, &PREPROCESS_DEFAULTS);
#undef RECORD

/* postprocess.PostprocessSpec */
#define RECORD so_manifest_postprocess
static const struct so_manifest_postprocess POSTPROCESS_DEFAULTS = {
    .lesion_threshold = NUMBER(0.5),
    .min_area_input_px = NUMBER(64.0),
    .max_regions = WHOLE(16),
    .flag_threshold = NUMBER(0.5),
    .scope_threshold = NUMBER(0.5),
};
static const struct so_field POSTPROCESS_FIELDS[] = {
    FIELD(TEXTS, labels, 0),
    FIELD(TEXTS, positive, 0),
    FIELD(NUMBER, lesion_threshold, SO_MAY_LACK),
    FIELD(NUMBER, min_area_input_px, SO_MAY_LACK),
    FIELD(WHOLE, max_regions, SO_MAY_LACK),
    FIELD(NUMBER, flag_threshold, SO_MAY_LACK),
    FIELD(TEXT, out_of_scope, EITHER),
    FIELD(NUMBER, scope_threshold, SO_MAY_LACK),
};
const struct so_table so_table_postprocess = TABLE(POSTPROCESS_FIELDS, &POSTPROCESS_DEFAULTS);
#undef RECORD

/* guard.GuardSettings */
#define RECORD so_manifest_guard
static const struct so_manifest_guard GUARD_DEFAULTS = {
    .frozen_after_ms = NUMBER(500.0),
    .saturated_level = WHOLE(250),
    .saturated_share = NUMBER(0.5),
    .constant_range = WHOLE(2),
    .max_side_px = WHOLE(8192),
    .black_level = WHOLE(20),
    .bars_contrast = NUMBER(20.0),
    .colour_level = WHOLE(64),
    .colour_share = NUMBER(0.01),
    .air_structure = NUMBER(1.0),
    .aspect = PAIR(0.25, 4.0),
    .depth_mm = PAIR(2.0, 400.0),
    .pixel_aspect = PAIR(0.1, 10.0),
};
static const struct so_field GUARD_FIELDS[] = {
    FIELD(NUMBER, frozen_after_ms, EITHER),
    FIELD(WHOLE, saturated_level, SO_MAY_LACK),
    FIELD(NUMBER, saturated_share, SO_MAY_LACK),
    FIELD(WHOLE, constant_range, SO_MAY_LACK),
    FIELD(WHOLE, max_side_px, SO_MAY_LACK),
    FIELD(WHOLE, black_level, EITHER),
    FIELD(NUMBER, bars_contrast, EITHER),
    FIELD(WHOLE, colour_level, EITHER),
    FIELD(NUMBER, colour_share, SO_MAY_LACK),
    FIELD(NUMBER, air_structure, EITHER),
    FIELD(PAIR, aspect, EITHER),
    FIELD(PAIR, depth_mm, EITHER),
    FIELD(PAIR, pixel_aspect, EITHER),
    FIELD(BOOL, spacing_required, SO_MAY_LACK),
    FIELD(TEXTS, probes, EITHER),
    FIELD(TEXTS, presets, EITHER),
};
const struct so_table so_table_guard = TABLE(GUARD_FIELDS, &GUARD_DEFAULTS);
#undef RECORD

/* evidence.EvidenceSettings */
#define RECORD so_manifest_evidence
static const struct so_manifest_evidence EVIDENCE_DEFAULTS = {
    .raise_log_odds = NUMBER(2.0),
    .keep_log_odds = NUMBER(0.2),
    .most_log_odds = NUMBER(3.0),
    .unseen_log_odds = NUMBER(1.0),
    .half_life_ms = NUMBER(500.0),
};
static const struct so_field EVIDENCE_FIELDS[] = {
    FIELD(NUMBER, raise_log_odds, SO_MAY_LACK),  FIELD(NUMBER, keep_log_odds, SO_MAY_LACK),
    FIELD(NUMBER, most_log_odds, SO_MAY_LACK),   FIELD(NUMBER, unseen_log_odds, SO_MAY_LACK),
    FIELD(NUMBER, half_life_ms, SO_MAY_LACK),
};
static const struct so_table EVIDENCE = TABLE(EVIDENCE_FIELDS, &EVIDENCE_DEFAULTS);
#undef RECORD

/* tracking.TrackingSettings */
#define RECORD so_manifest_tracking
static const struct so_manifest_tracking TRACKING_DEFAULTS = {
    .match_iou = NUMBER(0.3),
    .raise_frames = WHOLE(5),
    .window_frames = WHOLE(8),
    .keep_frames = WHOLE(3),
    .hold_off_frames = WHOLE(10),
    .lost_after_frames = WHOLE(8),
    .gap_ms = NUMBER(1000.0),
};
static const struct so_field TRACKING_FIELDS[] = {
    FIELD(NUMBER, match_iou, SO_MAY_LACK),      FIELD(NUMBER, raise_threshold, EITHER),
    FIELD(NUMBER, keep_threshold, EITHER),      FIELD(WHOLE, raise_frames, SO_MAY_LACK),
    FIELD(WHOLE, window_frames, SO_MAY_LACK),   FIELD(WHOLE, keep_frames, SO_MAY_LACK),
    FIELD(WHOLE, hold_off_frames, SO_MAY_LACK), FIELD(WHOLE, lost_after_frames, SO_MAY_LACK),
    FIELD(NUMBER, gap_ms, SO_MAY_LACK),         NESTED(RECORD, evidence, EITHER, &EVIDENCE),
};
const struct so_table so_table_tracking = TABLE(TRACKING_FIELDS, &TRACKING_DEFAULTS);
#undef RECORD
