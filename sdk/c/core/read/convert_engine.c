#include "convert.h"
#include "rules.h"

#include <string.h>

static void convert_tensor(const struct so_manifest_tensor *from, struct so_tensor_spec *to) {
    so_format(to->name, sizeof to->name, "%s", from->name);
    to->dtype = (enum so_dtype)so_dtype_of(from->dtype);
    to->rank = from->shape.count;
    for (uint32_t i = 0; i < from->shape.count; i++) {
        to->shape[i] = from->shape.items[i];
    }
    to->bytes = so_tensor_bytes(from);
}

static int32_t index_of(const struct so_settings *settings, const char *name) {
    for (uint32_t i = 0; i < settings->output_count; i++) {
        if (strcmp(settings->outputs[i].name, name) == 0) {
            return (int32_t)i;
        }
    }
    return -1;
}

void so_convert_tensors(const struct so_manifest *manifest, struct so_settings *settings) {
    const struct so_manifest_tensor *outputs = manifest->outputs.items;
    convert_tensor(manifest->inputs.items, &settings->input);
    settings->output_count = manifest->outputs.count;
    for (uint32_t i = 0; i < manifest->outputs.count; i++) {
        convert_tensor(&outputs[i], &settings->outputs[i]);
    }
    settings->lesion_map = index_of(settings, "lesion_map");
    settings->malignancy_map = index_of(settings, "malignancy_map");
    settings->class_probs = index_of(settings, "class_probs");
    settings->finite = index_of(settings, "finite");
}

void so_convert_variant(const struct so_manifest *manifest,
                        const struct so_manifest_variant *variant, struct so_variant *out) {
    out->id = variant->id;
    out->runtime = variant->runtime;
    out->precision = variant->precision;
    out->model = variant->model;
    out->golden = variant->golden;
    out->golden_regions = variant->golden_regions;
    out->model_sha256 = so_manifest_file(manifest, variant->model)->sha256;
    out->map_levels = (int32_t)variant->tolerance->map_levels.value;
    out->probs = variant->tolerance->probs.value;
    out->has_latency = variant->latency_ms_p50.is_there;
    out->latency_ms_p50 = variant->latency_ms_p50.value;
    out->needs_int8_products = variant->needs_int8_products;
}
