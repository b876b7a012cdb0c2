/* manifest.json as records: the Python dataclasses of bundle/manifest.py and those in them.
 *
 * Optional values, and numbers that the Python classes bound, are as schema.h has them. All of it
 * lies in the arena that it was read into.
 */
#ifndef SONOEDGE_CORE_READ_MANIFEST_H
#define SONOEDGE_CORE_READ_MANIFEST_H

#include "schema.h"

#define SO_MANIFEST_MOST_BYTES ((size_t)1 << 20)
#define SO_MOST_FILES 256
#define SO_MANIFEST "manifest.json"
#define SO_ENVELOPE "manifest.dsse.json"

enum so_interpolation { SO_EXACT, SO_AREA };

struct so_manifest_roi {
    struct so_number x0, y0, x1, y1;
    int unit; /* 0: pixels, 1: fractions */
};

struct so_manifest_preprocess {
    struct so_whole height, width;
    int resize; /* 0: letterbox, 1: stretch */
    struct so_whole pad_value;
    struct so_manifest_roi *roi;
    struct so_wholes grey_map;
    int interpolation; /* enum so_interpolation; without the key the earlier one */
};

struct so_manifest_postprocess {
    struct so_texts labels, positive;
    struct so_number lesion_threshold, min_area_input_px;
    struct so_whole max_regions;
    struct so_number flag_threshold;
    const char *out_of_scope;
    struct so_number scope_threshold;
};

struct so_manifest_guard {
    struct so_number frozen_after_ms;
    struct so_whole saturated_level;
    struct so_number saturated_share;
    struct so_whole constant_range, max_side_px, black_level;
    struct so_number bars_contrast;
    struct so_whole colour_level;
    struct so_number colour_share, air_structure;
    struct so_pair aspect, depth_mm, pixel_aspect;
    int spacing_required;
    struct so_texts probes, presets;
};

struct so_manifest_evidence {
    struct so_number raise_log_odds, keep_log_odds, most_log_odds, unseen_log_odds, half_life_ms;
};

struct so_manifest_tracking {
    struct so_number match_iou, raise_threshold, keep_threshold;
    struct so_whole raise_frames, window_frames, keep_frames, hold_off_frames, lost_after_frames;
    struct so_number gap_ms;
    struct so_manifest_evidence *evidence; /* NULL: votes */
};

struct so_manifest_point {
    struct so_number threshold;
    const char *chosen_on, *measured_on;
    struct so_number sensitivity, specificity;
    struct so_pair sensitivity_ci95, specificity_ci95;
};

struct so_manifest_tensor {
    const char *name, *dtype;
    struct so_wholes shape;
};

struct so_manifest_tolerance {
    struct so_whole map_levels;
    struct so_number probs;
};

struct so_manifest_variant {
    const char *id, *runtime, *precision, *model, *golden, *golden_regions, *weights;
    struct so_manifest_tolerance *tolerance;
    struct so_number latency_ms_p50;
    int needs_int8_products;
};

struct so_manifest_golden {
    struct so_texts frames;
};

struct so_manifest_digest {
    const char *path; /* first: the key */
    const char *sha256;
    struct so_whole bytes;
};

struct so_manifest_gates {
    struct so_whole fp32_map_levels;
    struct so_number fp32_probs, fp32_flag_agreement, flag_agreement, decided_agreement, dice_drop,
        auroc_drop, sensitivity_drop, pruned_flag_agreement;
    int undecided;
};

struct so_manifest_data {
    const char *name;
    int used_for;
    const char *licence, *source, *sha256, *dates, *population, *labelled_by, *reference_standard;
    struct so_whole frames, patients;
    struct so_texts devices;
};

struct so_manifest_card {
    const char *supplier, *users, *cost_of_a_miss, *cost_of_a_false_flag, *hardware, *architecture,
        *weights_licence;
    struct so_texts contraindications, limitations;
    struct so_records data;
};

struct so_manifest {
    struct so_whole schema_version;
    const char *bundle_id, *name, *version, *created, *intended_use, *reference_variant;
    int task; /* 0: segmentation, 1: classification, 2: both */
    struct so_manifest_preprocess *preprocess;
    struct so_manifest_postprocess *postprocess;
    struct so_manifest_guard *guard;
    struct so_manifest_tracking *tracking;
    struct so_manifest_point *operating_point;
    struct so_manifest_golden *golden;
    struct so_manifest_gates *gates;
    struct so_manifest_card *card; /* NULL: none */
    struct so_records inputs, outputs, variants, files;
    struct so_whole security_version;
};

/* tables_manifest.c */
extern const struct so_table so_table_manifest;
/* tables_settings.c */
extern const struct so_table so_table_preprocess, so_table_postprocess, so_table_guard,
    so_table_tracking;
/* tables_card.c */
extern const struct so_table so_table_gates, so_table_card;

/* Read and check manifest.json: every rule of the Python classes and of bundle/rules.py, the
 * runtimes and precisions, and that the bundle's id is that of this text. */
sonoedge_error so_manifest_read(struct so_arena *arena, const uint8_t *text, size_t bytes,
                                const struct so_manifest **out, struct so_problem *problem);
/* The file of this path; NULL where the manifest names none. */
const struct so_manifest_digest *so_manifest_file(const struct so_manifest *manifest,
                                                  const char *path);

#endif
