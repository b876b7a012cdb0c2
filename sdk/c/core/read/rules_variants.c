/* Variants and files: bundle/rules.py and bundle/engines.py. */
#include "rules.h"
#include "characters.h"

#include <string.h>

#define MOST_VARIANTS 64
#define MOST_LEVELS 64
#define MOST_PROBS 0.1

/* runtime.RUNTIMES */
static const struct {
    const char *runtime;
    const char *precisions[3];
} RUNTIMES[] = {
    {"onnxruntime", {"fp32", "int8", NULL}},
    {"openvino", {"fp32", "bf16", "int8"}},
    {"tensorrt", {"fp32", "fp16", "int8"}},
    {"tensorrt-rtx", {"fp32", "fp16", "int8"}},
    {"litert", {"fp32", "int8", NULL}},
};

static const char *check_engine(const struct so_manifest_variant *variant) {
    for (size_t i = 0; i < sizeof RUNTIMES / sizeof *RUNTIMES; i++) {
        if (strcmp(variant->runtime, RUNTIMES[i].runtime) != 0) {
            continue;
        }
        for (size_t k = 0; k < 3 && RUNTIMES[i].precisions[k] != NULL; k++) {
            if (strcmp(variant->precision, RUNTIMES[i].precisions[k]) == 0) {
                return NULL;
            }
        }
        return "a variant's precision is none that its runtime has";
    }
    return "a variant's runtime is none of onnxruntime, openvino, tensorrt, tensorrt-rtx and litert";
}

static const char *check_variant(const struct so_manifest *manifest,
                                 const struct so_manifest_variant *variant) {
    const char *const paths[] = {variant->model, variant->golden, variant->golden_regions,
                                 variant->weights};
    const struct so_manifest_tolerance *tolerance = variant->tolerance;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (paths[i] != NULL && so_manifest_file(manifest, paths[i]) == NULL) {
            return "a variant uses a file that has no digest in files";
        }
    }
    if (variant->weights != NULL && strcmp(variant->runtime, "openvino") != 0) {
        return "a variant's weights are for openvino alone";
    }
    if (tolerance->map_levels.value < 0 || tolerance->map_levels.value > MOST_LEVELS ||
        !(tolerance->probs.value >= 0 && tolerance->probs.value <= MOST_PROBS)) {
        return "a variant's tolerance: map_levels must be 0 to 64, probs 0 to 0.1";
    }
    if (variant->latency_ms_p50.is_there && !(variant->latency_ms_p50.value > 0)) {
        return "a variant's latency_ms_p50 must be above 0";
    }
    return check_engine(variant);
}

const char *so_rules_variants(const struct so_manifest *manifest) {
    const struct so_manifest_variant *items = manifest->variants.items;
    uint32_t count = manifest->variants.count;
    int has_reference = 0;
    if (count < 1 || count > MOST_VARIANTS) {
        return "variants must be 1 to 64";
    }
    for (uint32_t i = 0; i < count; i++) {
        const char *fault = check_variant(manifest, &items[i]);
        if (fault != NULL) {
            return fault;
        }
        if (!so_is_name(items[i].id)) {
            return "a variant's id must be 1 to 64 letters, digits and _ . + -";
        }
        for (uint32_t k = 0; k < i; k++) {
            if (strcmp(items[i].id, items[k].id) == 0) {
                return "variants must have different ids";
            }
        }
        has_reference |= strcmp(items[i].id, manifest->reference_variant) == 0;
    }
    return has_reference ? NULL : "reference_variant must be the id of a variant";
}
