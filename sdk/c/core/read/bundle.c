/* Opening a bundle: bundle.read_bundle and Bundle.check, without signatures. */
#define _POSIX_C_SOURCE 200809L
#include "../bundle.h"
#include "convert.h"
#include "files.h"
#include "folder.h"
#include "taught.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The largest manifest, its records, and no more. */
#define MOST_MEMORY (SO_JSON_MEMORY(SO_MANIFEST_MOST_BYTES) + ((size_t)32 << 20))
#define MOST_ENVELOPE_BYTES ((size_t)2 << 20)
#define STORE "store:"

static int is_pinned(const char *pin, const char *digits) {
    size_t i = 0;
    for (; digits[i] != '\0' && pin[i] != '\0'; i++) {
        char digit = pin[i] >= 'A' && pin[i] <= 'F' ? (char)(pin[i] - 'A' + 'a') : pin[i];
        if (digit != digits[i]) {
            return 0;
        }
    }
    return digits[i] == '\0' && pin[i] == '\0';
}

static sonoedge_error convert(struct so_bundle *bundle, const struct so_manifest *manifest,
                              struct so_problem *problem) {
    const struct so_manifest_variant *variants = manifest->variants.items;
    bundle->files = manifest;
    bundle->bundle_id = manifest->bundle_id;
    bundle->golden_count = manifest->golden->frames.count;
    bundle->variant_count = manifest->variants.count;
    bundle->variants =
        so_arena_array(bundle->arena, bundle->variant_count, sizeof *bundle->variants);
    if (bundle->variants == NULL) {
        return so_fail(problem, SONOEDGE_ERROR_MEMORY, "there is no memory for the bundle");
    }
    so_convert_settings(manifest, &bundle->settings);
    for (uint32_t i = 0; i < bundle->variant_count; i++) {
        so_convert_variant(manifest, &variants[i], &bundle->variants[i]);
    }
    return SONOEDGE_OK;
}

static sonoedge_error read_manifest(struct so_bundle *bundle, const char *pin,
                                    struct so_problem *problem) {
    const struct so_manifest *manifest = NULL;
    uint8_t *text = NULL;
    size_t bytes = 0;
    struct so_sha256 sum;
    sonoedge_error error = so_folder_read_at_most(bundle->folder, SO_MANIFEST,
                                                  SO_MANIFEST_MOST_BYTES, &text, &bytes, problem);
    if (error != SONOEDGE_OK) {
        return error;
    }
    so_sha256_begin(&sum);
    so_sha256_add(&sum, text, bytes);
    so_sha256_end(&sum, bundle->manifest_sha256);
    if (pin != NULL && !is_pinned(pin, bundle->manifest_sha256)) {
        error =
            so_fail(problem, SONOEDGE_ERROR_BUNDLE,
                    "manifest.json is not the one that this program was made for: its sha256 is "
                    "%.12s..., expected is %.12s...",
                    bundle->manifest_sha256, pin);
    } else {
        error = so_manifest_read(bundle->arena, text, bytes, &manifest, problem);
    }
    free(text);
    return error == SONOEDGE_OK ? convert(bundle, manifest, problem) : error;
}

/* Nothing in it is read, but a link, a pipe or gigabytes in its place are no bundle. */
static sonoedge_error check_envelope(const struct so_bundle *bundle, struct so_problem *problem) {
    uint8_t *envelope = NULL;
    size_t bytes = 0;
    sonoedge_error error = SONOEDGE_OK;
    if (so_folder_has(bundle->folder, SO_ENVELOPE)) {
        error = so_folder_read_at_most(bundle->folder, SO_ENVELOPE, MOST_ENVELOPE_BYTES, &envelope,
                                       &bytes, problem);
        free(envelope);
    }
    return error;
}

static sonoedge_error open_bundle(const char *folder, const char *pin, struct so_bundle **out,
                                  struct so_problem *problem) {
    struct so_bundle *bundle;
    sonoedge_error error;
    *out = NULL;
    if (strncmp(folder, STORE, strlen(STORE)) == 0) {
        return so_fail(problem, SONOEDGE_ERROR_BUNDLE,
                       "a store is opened by sonoedge serve; give this library a bundle's folder");
    }
    bundle = calloc(1, sizeof *bundle);
    if (bundle == NULL) {
        return so_fail(problem, SONOEDGE_ERROR_MEMORY, "there is no memory for the bundle");
    }
    bundle->arena = so_arena_make(MOST_MEMORY);
    bundle->folder = so_folder_open(folder);
    if (bundle->arena == NULL) {
        error = so_fail(problem, SONOEDGE_ERROR_MEMORY, "there is no memory for the bundle");
    } else if (bundle->folder < 0) {
        error =
            so_fail(problem, SONOEDGE_ERROR_BUNDLE,
                    "the folder '%.200s' cannot be opened; make one with sonoedge export", folder);
    } else if (so_is_taught(folder)) {
        error = so_fail(problem, SONOEDGE_ERROR_BUNDLE,
                        "this device was taught to leave frames of this bundle alone "
                        "(scope.json), which this library does not read; use sonoedge serve, or "
                        "remove it: sonoedge teach-scope BUNDLE --remove-all");
    } else {
        error = read_manifest(bundle, pin, problem);
        error = error == SONOEDGE_OK ? check_envelope(bundle, problem) : error;
        error = error == SONOEDGE_OK ? so_files_check(bundle, problem) : error;
    }
    if (error != SONOEDGE_OK) {
        so_bundle_free(bundle);
        return error;
    }
    *out = bundle;
    return SONOEDGE_OK;
}

sonoedge_error so_bundle_open(const char *folder, const char *pin, struct so_bundle **out,
                              struct so_problem *problem) {
    int before = errno;
    sonoedge_error error = open_bundle(folder, pin, out, problem);
    errno = before;
    return error;
}

void so_bundle_free(struct so_bundle *bundle) {
    if (bundle == NULL) {
        return;
    }
    if (bundle->folder >= 0) {
        close(bundle->folder);
    }
    so_arena_free(bundle->arena);
    free(bundle);
}
