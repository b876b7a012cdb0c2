/* Inputs and outputs, and the golden answers that they make: bundle/rules.py. */
#include "rules.h"
#include "characters.h"

#include <string.h>

#define MOST_ELEMENTS ((int64_t)1 << 24)
#define MOST_GOLDEN_FRAMES 64
#define MOST_GOLDEN_BYTES ((uint64_t)1 << 28)

int so_dtype_of(const char *name) {
    static const char *const NAMES[] = {"uint8", "int32", "int64", "float32", "bool"};
    static const enum so_dtype DTYPES[] = {SO_UINT8, SO_INT32, SO_INT64, SO_FLOAT32, SO_BOOL};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        if (strcmp(name, NAMES[i]) == 0) {
            return (int)DTYPES[i];
        }
    }
    return 0;
}

/* The number of its values; 0 where a dimension is below 1, or there are too many. */
static int64_t elements(const struct so_manifest_tensor *tensor) {
    int64_t product = 1;
    for (uint32_t i = 0; i < tensor->shape.count; i++) {
        int64_t side = tensor->shape.items[i];
        if (side < 1 || side > MOST_ELEMENTS / product) {
            return 0;
        }
        product *= side;
    }
    return product;
}

size_t so_tensor_bytes(const struct so_manifest_tensor *tensor) {
    return (size_t)elements(tensor) * so_dtype_bytes((enum so_dtype)so_dtype_of(tensor->dtype));
}

static const char *check_specs(const struct so_records *specs) {
    const struct so_manifest_tensor *items = specs->items;
    if (specs->count < 1 || specs->count > SO_MAX_TENSORS) {
        return "inputs and outputs must be 1 to 16 tensors of different names each";
    }
    for (uint32_t i = 0; i < specs->count; i++) {
        for (uint32_t k = 0; k < i; k++) {
            if (strcmp(items[i].name, items[k].name) == 0) {
                return "inputs and outputs must be 1 to 16 tensors of different names each";
            }
        }
        if (!so_is_name(items[i].name)) {
            return "a tensor's name must be 1 to 64 letters, digits and _ . + -";
        }
        if (so_dtype_of(items[i].dtype) == 0) {
            return "a tensor must be uint8, int32, int64, float32 or bool";
        }
        if (elements(&items[i]) == 0) {
            return "a tensor must have 1 to 16777216 elements, each dimension 1 or more";
        }
        if (items[i].shape.count > SO_MAX_RANK) {
            return "this library reads tensors of at most 8 dimensions";
        }
    }
    return NULL;
}

static int is_of(const struct so_manifest_tensor *tensor, const char *dtype, uint32_t rank,
                 const int64_t *shape) {
    return strcmp(tensor->dtype, dtype) == 0 && tensor->shape.count == rank &&
           memcmp(tensor->shape.items, shape, rank * sizeof *shape) == 0;
}

static const struct so_manifest_tensor *find(const struct so_records *specs, const char *name) {
    const struct so_manifest_tensor *items = specs->items;
    for (uint32_t i = 0; i < specs->count; i++) {
        if (strcmp(items[i].name, name) == 0) {
            return &items[i];
        }
    }
    return NULL;
}

static int is_map(const struct so_manifest_tensor *tensor) {
    return strcmp(tensor->dtype, "uint8") == 0 && tensor->shape.count == 4 &&
           tensor->shape.items[0] == 1 && tensor->shape.items[1] == 1;
}

static const char *check_outputs(const struct so_manifest *manifest) {
    const struct so_manifest_tensor *lesion = find(&manifest->outputs, "lesion_map");
    const struct so_manifest_tensor *malignancy = find(&manifest->outputs, "malignancy_map");
    const struct so_manifest_tensor *probs = find(&manifest->outputs, "class_probs");
    const struct so_manifest_tensor *finite = find(&manifest->outputs, "finite");
    const int64_t one[] = {1}, per_label[] = {1, manifest->postprocess->labels.count};
    if (lesion == NULL && (malignancy != NULL || manifest->task != 1 || probs == NULL)) {
        return "outputs must hold lesion_map; a classifier alone, class_probs";
    }
    if (finite != NULL && !is_of(finite, "uint8", 1, one)) {
        return "outputs: finite must be uint8 [1]";
    }
    if ((lesion != NULL && !is_map(lesion)) || (malignancy != NULL && !is_map(malignancy))) {
        return "outputs: lesion_map and malignancy_map must be uint8 [1, 1, h, w]";
    }
    if (probs != NULL && !is_of(probs, "float32", 2, per_label)) {
        return "outputs: class_probs must be float32 [1, N], one per label";
    }
    if (lesion != NULL && malignancy != NULL &&
        !is_of(malignancy, "uint8", 4, lesion->shape.items)) {
        return "outputs: this library reads maps of one size only";
    }
    return NULL;
}

const char *so_rules_tensors(const struct so_manifest *manifest) {
    const struct so_manifest_tensor *input = manifest->inputs.items;
    const int64_t frame[] = {1, 1, manifest->preprocess->height.value,
                             manifest->preprocess->width.value};
    const char *fault = check_specs(&manifest->inputs);
    if (fault == NULL) {
        fault = check_specs(&manifest->outputs);
    }
    if (fault == NULL && (manifest->inputs.count != 1 || !is_of(input, "uint8", 4, frame))) {
        fault = "inputs must be one tensor, uint8 [1, 1, height, width], as in preprocess";
    }
    return fault == NULL ? check_outputs(manifest) : fault;
}

const char *so_rules_golden(const struct so_manifest *manifest) {
    const struct so_texts *frames = &manifest->golden->frames;
    const struct so_manifest_tensor *outputs = manifest->outputs.items;
    uint64_t bytes = 0;
    if (frames->count < 1 || frames->count > MOST_GOLDEN_FRAMES) {
        return "golden.frames must name 1 to 64 pictures";
    }
    for (uint32_t i = 0; i < frames->count; i++) {
        if (so_manifest_file(manifest, frames->items[i]) == NULL) {
            return "golden.frames names a picture that has no digest in files";
        }
    }
    for (uint32_t i = 0; i < manifest->outputs.count; i++) {
        bytes += so_tensor_bytes(&outputs[i]);
    }
    return bytes * frames->count <= MOST_GOLDEN_BYTES
               ? NULL
               : "golden.frames: the outputs for all of them have more than 268435456 bytes";
}
