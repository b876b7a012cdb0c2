#include "files.h"
#include "folder.h"
#include "onnx_inline.h"
#include "sha256.h"

#include <stdlib.h>
#include <string.h>

static sonoedge_error check_digest(const struct so_manifest_digest *file, const char *digits,
                                   struct so_problem *problem) {
    if (strcmp(file->sha256, digits) == 0) {
        return SONOEDGE_OK;
    }
    return so_fail(problem, SONOEDGE_ERROR_BUNDLE,
                   "%.80s is not the file that the manifest names: expected sha256 %.12s..., found "
                   "%.12s...; copy or export the bundle again",
                   file->path, file->sha256, digits);
}

sonoedge_error so_files_read(const struct so_bundle *bundle, const char *path, uint8_t **data,
                             size_t *bytes, struct so_problem *problem) {
    const struct so_manifest_digest *file = so_manifest_file(bundle->files, path);
    struct so_sha256 sum;
    char digits[SO_SHA256_DIGITS + 1];
    sonoedge_error error;
    *bytes = (size_t)file->bytes.value;
    error = so_folder_read(bundle->folder, path, *bytes, data, problem);
    if (error != SONOEDGE_OK) {
        return error;
    }
    so_sha256_begin(&sum);
    so_sha256_add(&sum, *data, *bytes);
    so_sha256_end(&sum, digits);
    error = check_digest(file, digits, problem);
    if (error != SONOEDGE_OK) {
        free(*data);
        *data = NULL;
    }
    return error;
}

/* The variant whose model this file is; the last one where it is that of several. */
static const struct so_manifest_variant *variant_of(const struct so_manifest *manifest,
                                                    const char *path) {
    const struct so_manifest_variant *variants = manifest->variants.items;
    for (uint32_t i = manifest->variants.count; i > 0; i--) {
        if (strcmp(variants[i - 1].model, path) == 0) {
            return &variants[i - 1];
        }
    }
    return NULL;
}

static int begins_with(const uint8_t *data, size_t bytes, const char *text) {
    size_t length = strlen(text);
    return bytes >= length && memcmp(data, text, length) == 0;
}

static sonoedge_error check_model(const struct so_bundle *bundle,
                                  const struct so_manifest_variant *variant,
                                  struct so_problem *problem) {
    uint8_t *data;
    size_t bytes;
    const char *fault = NULL;
    sonoedge_error error = so_files_read(bundle, variant->model, &data, &bytes, problem);
    if (error != SONOEDGE_OK) {
        return error;
    }
    if (strcmp(variant->runtime, "litert") == 0) {
        /* No engine of this library reads it; Python, whose engine does, looks further. */
        if (bytes < 8 || memcmp(data + 4, "TFL3", 4) != 0) {
            fault = "is not a LiteRT file; export the bundle again";
        }
    } else if (variant->weights == NULL) {
        fault = so_check_inline(data, bytes);
    } else if (!begins_with(data, bytes, "<?xml") && !begins_with(data, bytes, "<net")) {
        fault = "is not an OpenVINO graph, though it has weights; export the bundle again";
    }
    free(data);
    return fault == NULL
               ? SONOEDGE_OK
               : so_fail(problem, SONOEDGE_ERROR_BUNDLE, "%.80s %s", variant->model, fault);
}

sonoedge_error so_files_check(const struct so_bundle *bundle, struct so_problem *problem) {
    const struct so_manifest *manifest = bundle->files;
    const struct so_manifest_digest *files = manifest->files.items;
    for (uint32_t i = 0; i < manifest->files.count; i++) {
        const struct so_manifest_variant *variant = variant_of(manifest, files[i].path);
        char digits[SO_SHA256_DIGITS + 1];
        sonoedge_error error;
        if (variant != NULL) {
            error = check_model(bundle, variant, problem);
        } else {
            error = so_folder_sha256(bundle->folder, files[i].path, (size_t)files[i].bytes.value,
                                     digits, problem);
            error = error == SONOEDGE_OK ? check_digest(&files[i], digits, problem) : error;
        }
        if (error != SONOEDGE_OK) {
            return error;
        }
    }
    return SONOEDGE_OK;
}

sonoedge_error so_bundle_model(const struct so_bundle *bundle, const struct so_variant *variant,
                               uint8_t **model, size_t *bytes, struct so_problem *problem) {
    const char *fault;
    sonoedge_error error = so_files_read(bundle, variant->model, model, bytes, problem);
    if (error != SONOEDGE_OK) {
        return error;
    }
    fault = so_check_inline(*model, *bytes);
    if (fault != NULL) {
        free(*model);
        *model = NULL;
        return so_fail(problem, SONOEDGE_ERROR_BUNDLE, "%.80s %s", variant->model, fault);
    }
    return SONOEDGE_OK;
}
