/* What a manifest says of how frames are analysed: the Python dataclasses of the same names.
 *
 * `so_bundle_open` fills it, with every rule of the Python classes checked; the frame path relies
 * on that. An optional number has a `has_...` beside it: 0 says None, "this check is off".
 * A whole number that Python does not bound is int64_t, and stands at INT64_MAX or INT64_MIN where
 * the manifest's is beyond.
 */
#ifndef SONOEDGE_CORE_SETTINGS_H
#define SONOEDGE_CORE_SETTINGS_H

#include "core.h"

#include <stddef.h>
#include <stdint.h>

/* geometry.Roi. */
struct so_roi {
    double x0, y0, x1, y1;
    int is_fraction; /* of width and height; 0: source pixels */
};

/* preprocess.PreprocessSpec with interpolation "exact"; a bundle with "area" is refused. */
struct so_preprocess {
    int32_t height, width; /* of the network's input, 8 to 4096 */
    int is_stretch;        /* 0: letterbox */
    uint8_t pad_value;
    int has_roi;
    struct so_roi roi;
    int has_grey_map;
    uint8_t grey_map[256];
};

/* postprocess.PostprocessSpec. Labels are at most SONOEDGE_MAX_LABELS here, and so are positives;
 * a bundle with more is refused. */
struct so_postprocess {
    uint32_t label_count;
    const char *labels[SONOEDGE_MAX_LABELS]; /* UTF-8, whole; in the bundle's arena */
    uint32_t positive_count;
    uint32_t positive[SONOEDGE_MAX_LABELS]; /* indices of labels, in the manifest's order; may
                                             * repeat. Their probabilities are added in it, one
                                             * after the other, each sum rounded: Python's sum()
                                             * does so before 3.12 only */
    double lesion_threshold;
    double min_area_input_px;
    int32_t max_regions; /* 1 to 256 */
    double flag_threshold;
    int32_t out_of_scope; /* index of a label; -1: None */
    double scope_threshold;
};

/* guard.GuardSettings. */
struct so_guard_settings {
    int has_frozen_after_ms;
    double frozen_after_ms;
    int32_t saturated_level;
    double saturated_share;
    int32_t constant_range;
    int64_t max_side_px;
    int has_black_level;
    int32_t black_level;
    int has_bars_contrast;
    double bars_contrast;
    int has_colour_level;
    int32_t colour_level;
    double colour_share;
    int has_air_structure;
    double air_structure;
    int has_aspect;
    double aspect[2];
    int has_depth_mm;
    double depth_mm[2];
    int has_pixel_aspect;
    double pixel_aspect[2];
    int is_spacing_required;
    int has_probes, has_presets; /* the lists below count, and are not empty */
    uint32_t probe_count, preset_count;
    const char *const *probes; /* UTF-8, in the bundle's arena. Compared without the case of ASCII */
    const char *const *presets; /* letters and without ASCII blanks around; others as they are */
};

/* evidence.EvidenceSettings. */
struct so_evidence_settings {
    double raise_log_odds, keep_log_odds, most_log_odds, unseen_log_odds;
    double half_life_ms; /* 1 to 600,000 */
};

/* tracking.TrackingSettings. */
struct so_tracking_settings {
    double match_iou;
    int has_raise_threshold;
    double raise_threshold;
    int has_keep_threshold;
    double keep_threshold;
    int32_t raise_frames, window_frames, keep_frames; /* window at most 1000 */
    int64_t hold_off_frames, lost_after_frames;
    double gap_ms;
    int has_evidence; /* 0: votes */
    struct so_evidence_settings evidence;
};

/* Everything that the frame path needs. */
struct so_settings {
    struct so_preprocess preprocess;
    struct so_postprocess postprocess;
    struct so_guard_settings guard;
    struct so_tracking_settings tracking;

    /* The manifest's tensors: one input, uint8 [1, 1, height, width], and the outputs in the
     * manifest's order. Indices into `outputs`; -1: the network has no such output. Where there
     * are both maps, they are of one size, or the bundle is refused. */
    struct so_tensor_spec input;
    uint32_t output_count;
    struct so_tensor_spec outputs[SO_MAX_TENSORS];
    int32_t lesion_map, malignancy_map, class_probs, finite;
};

#endif
