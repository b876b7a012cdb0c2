/* From manifest.json's bytes to a manifest that may be relied on: bundle/parse.py. */
#include "manifest.h"
#include "characters.h"
#include "identity.h"
#include "rules.h"

#include <string.h>

#define SCHEMA_VERSION 2
#define MOST_SECURITY_VERSION 0x7fffffff
#define MOST_FILE_BYTES ((int64_t)1 << 31)
#define MOST_BUNDLE_BYTES ((int64_t)1 << 34)

const struct so_manifest_digest *so_manifest_file(const struct so_manifest *manifest,
                                                  const char *path) {
    const struct so_manifest_digest *files = manifest->files.items;
    for (uint32_t i = 0; i < manifest->files.count; i++) {
        if (strcmp(files[i].path, path) == 0) {
            return &files[i];
        }
    }
    return NULL;
}

static const char *check_files(const struct so_manifest *manifest) {
    const struct so_manifest_digest *files = manifest->files.items;
    int64_t bytes = 0;
    if (manifest->files.count > SO_MOST_FILES) {
        return "files names more than 256 files";
    }
    for (uint32_t i = 0; i < manifest->files.count; i++) {
        if (!so_is_plain_path(files[i].path) || strcmp(files[i].path, SO_MANIFEST) == 0 ||
            strcmp(files[i].path, SO_ENVELOPE) == 0) {
            return "files: a key is not a plain path of another file in the bundle";
        }
        if (files[i].bytes.value < 0 || files[i].bytes.value > MOST_FILE_BYTES ||
            !so_is_sha256(files[i].sha256)) {
            return "files: each must have 0 to 2147483648 bytes and a SHA-256 of 64 hexadecimal "
                   "digits";
        }
        bytes += files[i].bytes.value;
    }
    return bytes <= MOST_BUNDLE_BYTES ? NULL : "files have more than 17179869184 bytes together";
}

static const char *check_names(const struct so_manifest *manifest) {
    if (!so_is_name(manifest->name) || !so_is_name(manifest->version)) {
        return "name and version must be 1 to 64 letters, digits and _ . + -";
    }
    if (manifest->security_version.value < 0 ||
        manifest->security_version.value > MOST_SECURITY_VERSION) {
        return "security_version must be 0 to 2147483647";
    }
    return NULL;
}

static const char *check_thresholds(const struct so_manifest *manifest) {
    int64_t area = manifest->preprocess->height.value * manifest->preprocess->width.value;
    if (manifest->postprocess->flag_threshold.value != manifest->operating_point->threshold.value) {
        return "operating_point.threshold and postprocess.flag_threshold differ: the sensitivity "
               "recorded is not that of the flags raised";
    }
    if (manifest->postprocess->min_area_input_px.value > (double)area) {
        return "postprocess.min_area_input_px must be at most the area of the input";
    }
    return NULL;
}

static const char *check(const struct so_manifest *manifest) {
    const char *fault = so_rules_preprocess(manifest->preprocess);
    fault = fault != NULL ? fault : so_rules_postprocess(manifest->postprocess);
    fault = fault != NULL ? fault : so_rules_guard(manifest->guard);
    fault = fault != NULL ? fault : so_rules_tracking(manifest->tracking);
    fault = fault != NULL ? fault : so_rules_gates(manifest->gates);
    fault = fault != NULL || manifest->card == NULL ? fault : so_rules_card(manifest->card);
    fault = fault != NULL ? fault : check_names(manifest);
    fault = fault != NULL ? fault : check_files(manifest);
    fault = fault != NULL ? fault : so_rules_tensors(manifest);
    fault = fault != NULL ? fault : so_rules_variants(manifest);
    fault = fault != NULL ? fault : so_rules_golden(manifest);
    return fault != NULL ? fault : check_thresholds(manifest);
}

static sonoedge_error check_version(const struct so_json *document, struct so_problem *problem) {
    const struct so_json *version = so_json_get(document, "schema_version");
    if (version == NULL || version->kind != SO_JSON_INTEGER ||
        version->as.integer != SCHEMA_VERSION) {
        return so_fail(
            problem, SONOEDGE_ERROR_BUNDLE,
            "manifest.json has another schema version than %d, which this library reads; "
            "export the bundle again (sonoedge export RECIPE --out BUNDLE)",
            SCHEMA_VERSION);
    }
    if (!so_texts_are_shown(document)) {
        return so_fail(
            problem, SONOEDGE_ERROR_BUNDLE,
            "manifest.json holds a control character, or one that turns the direction of "
            "writing; remove it");
    }
    return SONOEDGE_OK;
}

sonoedge_error so_manifest_read(struct so_arena *arena, const uint8_t *text, size_t bytes,
                                const struct so_manifest **out, struct so_problem *problem) {
    struct so_json *document;
    struct so_manifest *manifest;
    void *record;
    const char *fault;
    sonoedge_error error =
        so_json_read(arena, text, bytes, SO_MANIFEST, SO_MANIFEST_MOST_BYTES, &document, problem);
    error = error != SONOEDGE_OK ? error : check_version(document, problem);
    error = error != SONOEDGE_OK ? error
                                 : so_schema_read(arena, &so_table_manifest, document, SO_MANIFEST,
                                                  &record, problem);
    if (error != SONOEDGE_OK) {
        return error;
    }
    manifest = record;
    fault = check(manifest);
    if (fault == so_no_memory) {
        return so_fail(problem, SONOEDGE_ERROR_MEMORY, "there is no memory for manifest.json");
    }
    if (fault != NULL) {
        return so_fail(problem, SONOEDGE_ERROR_BUNDLE, "manifest.json: %s", fault);
    }
    if (!so_is_id_of(manifest->bundle_id, manifest->name, manifest->version, text, bytes)) {
        return so_fail(
            problem, SONOEDGE_ERROR_BUNDLE,
            "manifest.json was changed after it was written: its bundle_id is not the one "
            "of its contents; copy or export the bundle again");
    }
    if (manifest->preprocess->interpolation != SO_EXACT) {
        return so_fail(problem, SONOEDGE_ERROR_BUNDLE,
                       "the bundle resizes as earlier exports did (preprocess.interpolation "
                       "\"area\"), which this library does not have; export it again");
    }
    if (manifest->postprocess->geometry != SO_REGION) {
        return so_fail(problem, SONOEDGE_ERROR_UNSUPPORTED,
                       "the bundle's regions are lines (postprocess.geometry \"line\"), which this "
                       "library does not have; open it with the Python package");
    }
    *out = manifest;
    return SONOEDGE_OK;
}
