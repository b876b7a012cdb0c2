/* Which variant runs: the fastest at export of those for ONNX Runtime. */
#include "../bundle.h"

#include <string.h>

#define RUNTIME "onnxruntime"

/* The ids of all variants, for a sentence. */
static void list_ids(const struct so_bundle *bundle, char *to, size_t room) {
    to[0] = '\0';
    for (uint32_t i = 0; i < bundle->variant_count; i++) {
        size_t at = strlen(to);
        so_format(to + at, room - at, i == 0 ? "%s" : ", %s", bundle->variants[i].id);
    }
}

static sonoedge_error check_wanted(const struct so_bundle *bundle, const char *wanted,
                                   struct so_problem *problem) {
    char ids[SONOEDGE_MAX_TEXT];
    for (uint32_t i = 0; i < bundle->variant_count; i++) {
        const struct so_variant *variant = &bundle->variants[i];
        if (strcmp(variant->id, wanted) != 0) {
            continue;
        }
        if (strcmp(variant->runtime, RUNTIME) != 0) {
            return so_fail(problem, SONOEDGE_ERROR_BUNDLE,
                           "variant %s runs on %s, this library has ONNX Runtime alone",
                           variant->id, variant->runtime);
        }
        return SONOEDGE_OK;
    }
    list_ids(bundle, ids, sizeof ids);
    return so_fail(problem, SONOEDGE_ERROR_BUNDLE, "the bundle has no variant '%.80s'; it has %s",
                   wanted, ids);
}

static int is_before(const struct so_variant *one, const struct so_variant *other) {
    if (!one->has_latency || !other->has_latency) {
        return one->has_latency && !other->has_latency;
    }
    return one->latency_ms_p50 < other->latency_ms_p50;
}

/* Behind those that are as fast: the manifest's order stays. */
static void insert(const struct so_variant *order[], uint32_t count,
                   const struct so_variant *variant) {
    for (; count > 0 && is_before(variant, order[count - 1]); count--) {
        order[count] = order[count - 1];
    }
    order[count] = variant;
}

sonoedge_error so_bundle_candidates(const struct so_bundle *bundle, const char *wanted,
                                    const struct so_variant *order[SO_MAX_VARIANTS],
                                    uint32_t *count, struct so_problem *problem) {
    char ids[SONOEDGE_MAX_TEXT];
    *count = 0;
    if (wanted != NULL) {
        sonoedge_error error = check_wanted(bundle, wanted, problem);
        if (error != SONOEDGE_OK) {
            return error;
        }
    }
    for (uint32_t i = 0; i < bundle->variant_count; i++) {
        const struct so_variant *variant = &bundle->variants[i];
        if (strcmp(variant->runtime, RUNTIME) != 0 ||
            (wanted != NULL && strcmp(variant->id, wanted) != 0)) {
            continue;
        }
        insert(order, (*count)++, variant);
    }
    if (*count != 0) {
        return SONOEDGE_OK;
    }
    list_ids(bundle, ids, sizeof ids);
    return so_fail(problem, SONOEDGE_ERROR_BUNDLE,
                   "the bundle has no variant for ONNX Runtime; it has %s", ids);
}
