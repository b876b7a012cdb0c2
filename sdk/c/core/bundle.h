/* A bundle's folder, read without trusting it (core/read/).
 *
 * The Python it equals: bundle/ (reading, parse, rules, names, identity, digest, inline_data,
 * png, golden_file, golden, unlisted where read_bundle and Bundle.check use it) and strict_json.
 * What Python refuses, this refuses; what this library cannot do beyond that it refuses with
 * SONOEDGE_ERROR_BUNDLE and a sentence that says so. Signatures are not read here.
 */
#ifndef SONOEDGE_CORE_BUNDLE_H
#define SONOEDGE_CORE_BUNDLE_H

#include "core.h"
#include "settings.h"

#define SO_MAX_VARIANTS 64
#define SO_MAX_GOLDEN_FRAMES 64

/* manifest.Variant, as far as an engine of this library needs it. Texts are in the arena. */
struct so_variant {
    const char *id;
    const char *runtime;   /* "onnxruntime", "openvino", ... */
    const char *precision; /* "fp32", "int8", ... */
    const char *model;     /* path within the bundle */
    const char *golden;
    const char *golden_regions;
    const char *model_sha256; /* 64 hexadecimal digits */
    int32_t map_levels;       /* tolerance of a map's cell */
    double probs;             /* tolerance of a probability */
    int has_latency;
    double latency_ms_p50;
    int needs_int8_products;
};

struct so_bundle {
    struct so_arena *arena;
    int folder; /* descriptor: every file is read below it, whatever its path comes to name */
    char manifest_sha256[65]; /* of manifest.json's bytes */
    const char *bundle_id;
    struct so_settings settings;
    uint32_t variant_count;
    struct so_variant *variants; /* all of them, in the manifest's order */
    uint32_t golden_count;       /* frames, 1 to 64 */
    const void *files;           /* core/read/'s own: paths, sizes and digests */
};

/* Open a bundle: manifest with all its rules, digest of every file, graphs without external data.
 *
 * pin: SHA-256 that manifest.json must have, 64 hexadecimal digits of either case; NULL: any.
 *      It is compared before a byte is parsed.
 * Returns SONOEDGE_OK with *out, else SONOEDGE_ERROR_BUNDLE, _MEMORY or _SYSTEM and *out NULL. */
sonoedge_error so_bundle_open(const char *folder, const char *pin, struct so_bundle **out,
                              struct so_problem *problem);
void so_bundle_free(struct so_bundle *bundle); /* NULL is fine */

/* The variants that ONNX Runtime runs, in the order in which choose.candidates tries them where
 * nothing was provisioned: the fastest at export first, then those without a latency, else by the
 * manifest's order. Every file of a bundle counts there, this library's provisioning does not.
 *
 * wanted: a variant's id, or NULL. An id that there is not, or of another runtime, and a bundle
 * without a variant for ONNX Runtime, are SONOEDGE_ERROR_BUNDLE with a sentence that names those
 * that exist. */
sonoedge_error so_bundle_candidates(const struct so_bundle *bundle, const char *wanted,
                                    const struct so_variant *order[SO_MAX_VARIANTS],
                                    uint32_t *count, struct so_problem *problem);

/* A model's bytes, digest and external data checked over these very bytes. The caller frees them
 * with free(). */
sonoedge_error so_bundle_model(const struct so_bundle *bundle, const struct so_variant *variant,
                               uint8_t **model, size_t *bytes, struct so_problem *problem);

/* golden.GoldenRegion. */
struct so_golden_region {
    int32_t box[4];
    double area_px;
    double suspicion;
    int is_flagged;
};

/* One golden frame, and what the variant answered to it at export. */
struct so_golden_case {
    struct so_image picture; /* rows touch; 1 channel, or 3 in the order BGR */
    const void *outputs[SO_MAX_TENSORS]; /* in the order of settings.outputs; aligned for float */
    int is_flagged;
    uint32_t region_count;
    const struct so_golden_region *regions; /* most suspicious first */
};

struct so_golden;

/* The golden answers of a variant; each checked against the manifest's tensors and frames. */
sonoedge_error so_golden_open(const struct so_bundle *bundle, const struct so_variant *variant,
                              struct so_golden **out, struct so_problem *problem);
/* The case `number`, 0 to golden_count - 1; it lasts until the next call. One picture is in memory
 * at a time; so_golden_open has refused those that together are above png.MOST_PIXELS. */
sonoedge_error so_golden_case(struct so_golden *golden, uint32_t number,
                              struct so_golden_case *out, struct so_problem *problem);
void so_golden_free(struct so_golden *golden); /* NULL is fine */

#endif
