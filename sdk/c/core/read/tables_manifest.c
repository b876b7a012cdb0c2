/* Fields of the manifest itself, of its tensors, variants and files: bundle/manifest.py. */
#include "field.h"

/* manifest.OperatingPoint */
#define RECORD so_manifest_point
static const struct so_field POINT_FIELDS[] = {
    FIELD(NUMBER, threshold, 0),
    FIELD(TEXT, chosen_on, 0),
    FIELD(TEXT, measured_on, 0),
    FIELD(NUMBER, sensitivity, SO_OR_NULL),
    FIELD(PAIR, sensitivity_ci95, SO_OR_NULL),
    FIELD(NUMBER, specificity, SO_OR_NULL),
    FIELD(PAIR, specificity_ci95, SO_OR_NULL),
};
static const struct so_table POINT = TABLE(POINT_FIELDS, NULL);
#undef RECORD

/* runtime.TensorSpec */
#define RECORD so_manifest_tensor
static const struct so_field TENSOR_FIELDS[] = {FIELD(TEXT, name, 0), FIELD(TEXT, dtype, 0),
                                                FIELD(WHOLES, shape, 0)};
static const struct so_table TENSOR = TABLE(TENSOR_FIELDS, NULL);
#undef RECORD

/* manifest.Tolerance */
#define RECORD so_manifest_tolerance
static const struct so_manifest_tolerance TOLERANCE_DEFAULTS = {WHOLE(2), NUMBER(1e-4)};
static const struct so_field TOLERANCE_FIELDS[] = {FIELD(WHOLE, map_levels, SO_MAY_LACK),
                                                   FIELD(NUMBER, probs, SO_MAY_LACK)};
static const struct so_table TOLERANCE = TABLE(TOLERANCE_FIELDS, &TOLERANCE_DEFAULTS);
#undef RECORD

/* manifest.Variant */
#define RECORD so_manifest_variant
static const struct so_field VARIANT_FIELDS[] = {
    FIELD(TEXT, id, 0),
    FIELD(TEXT, runtime, 0),
    FIELD(TEXT, precision, 0),
    FIELD(TEXT, model, 0),
    FIELD(TEXT, golden, 0),
    FIELD(TEXT, golden_regions, 0),
    NESTED(RECORD, tolerance, 0, &TOLERANCE),
    FIELD(NUMBER, latency_ms_p50, SO_OR_NULL),
    {"metrics", SO_FIELD_ANYTHING, 0, 0, NULL, NULL},
    FIELD(TEXT, weights, EITHER),
    FIELD(BOOL, needs_int8_products, SO_MAY_LACK),
};
static const struct so_table VARIANT = TABLE(VARIANT_FIELDS, NULL);
#undef RECORD

/* manifest.Golden */
#define RECORD so_manifest_golden
static const struct so_field GOLDEN_FIELDS[] = {FIELD(TEXTS, frames, 0)};
static const struct so_table GOLDEN = TABLE(GOLDEN_FIELDS, NULL);
#undef RECORD

/* manifest.Digest */
#define RECORD so_manifest_digest
static const struct so_field DIGEST_FIELDS[] = {FIELD(TEXT, sha256, 0), FIELD(WHOLE, bytes, 0)};
static const struct so_table DIGEST = TABLE(DIGEST_FIELDS, NULL);
#undef RECORD

/* manifest.Manifest */
#define RECORD so_manifest
static const char *const TASKS[] = {"segmentation", "classification", "both", NULL};
static const struct so_manifest MANIFEST_DEFAULTS = {.security_version = WHOLE(0)};
static const struct so_field MANIFEST_FIELDS[] = {
    FIELD(WHOLE, schema_version, 0),
    FIELD(TEXT, bundle_id, 0),
    FIELD(TEXT, name, 0),
    FIELD(TEXT, version, 0),
    FIELD(TEXT, created, SO_OR_NULL),
    FIELD(TEXT, intended_use, 0),
    CHOICE(task, 0, TASKS),
    NESTED(RECORD, preprocess, 0, &so_table_preprocess),
    NESTED(RECORD, postprocess, 0, &so_table_postprocess),
    NESTED(RECORD, guard, 0, &so_table_guard),
    NESTED(RECORD, operating_point, 0, &POINT),
    NESTED(RECORDS, inputs, 0, &TENSOR),
    NESTED(RECORDS, outputs, 0, &TENSOR),
    NESTED(RECORDS, variants, 0, &VARIANT),
    FIELD(TEXT, reference_variant, 0),
    NESTED(RECORD, golden, 0, &GOLDEN),
    {"lineage", SO_FIELD_ANYTHING, 0, 0, NULL, NULL},
    NESTED(BY_KEY, files, 0, &DIGEST),
    NESTED(RECORD, gates, 0, &so_table_gates),
    NESTED(RECORD, tracking, SO_MAY_LACK, &so_table_tracking),
    FIELD(WHOLE, security_version, SO_MAY_LACK),
    /* MeasureSettings: this library describes no region, so nothing is asked of it. */
    {"measure", SO_FIELD_ANYTHING, EITHER, 0, NULL, NULL},
    NESTED(RECORD, card, EITHER, &so_table_card),
};
const struct so_table so_table_manifest = TABLE(MANIFEST_FIELDS, &MANIFEST_DEFAULTS);
#undef RECORD
