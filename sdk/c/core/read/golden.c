/* Golden frames and what a variant answered to them: Bundle.golden_frames and golden_answers. */
#include "../bundle.h"
#include "files.h"
#include "golden_outputs.h"
#include "golden_regions.h"
#include "png.h"

#include <errno.h>
#include <stdlib.h>

#define NOT_A_FRAME "is not a golden frame"
#define NO_OUTPUTS "holds no golden outputs"

struct so_golden {
    const struct so_bundle *bundle;
    const char *outputs_path;
    struct so_arena *arena;
    uint8_t *archive;
    struct so_zip_entry *entries; /* by frame and output */
    struct so_golden_answer *answers;
    uint8_t *pixels; /* of the case that was asked for last */
    void *outputs[SO_MAX_TENSORS];
};

static const char *path_of(const struct so_bundle *bundle, uint32_t number) {
    const struct so_manifest *manifest = bundle->files;
    return manifest->golden->frames.items[number];
}

/* A golden frame's file and its header. */
static sonoedge_error read_picture(const struct so_bundle *bundle, uint32_t number,
                                   size_t most_pixels, uint8_t **data, struct so_png *shape,
                                   struct so_problem *problem) {
    const char *path = path_of(bundle, number), *fault;
    size_t bytes;
    sonoedge_error error = so_files_read(bundle, path, data, &bytes, problem);
    if (error != SONOEDGE_OK) {
        return error;
    }
    fault = so_png_shape(*data, bytes, most_pixels, shape);
    if (fault != NULL) {
        free(*data);
        *data = NULL;
        return so_fail_file(problem, path, NOT_A_FRAME, fault);
    }
    return SONOEDGE_OK;
}

/* All pictures together have no more pixels than are read. */
static sonoedge_error check_pictures(const struct so_bundle *bundle, struct so_problem *problem) {
    size_t left = SO_MOST_PIXELS;
    for (uint32_t i = 0; i < bundle->golden_count; i++) {
        uint8_t *data = NULL;
        struct so_png shape;
        sonoedge_error error = read_picture(bundle, i, left, &data, &shape, problem);
        if (error != SONOEDGE_OK) {
            return error;
        }
        free(data);
        left -= (size_t)shape.width * shape.height * shape.channels;
    }
    return SONOEDGE_OK;
}

static sonoedge_error read_regions(struct so_golden *golden, const struct so_variant *variant,
                                   struct so_problem *problem) {
    uint8_t *data;
    size_t bytes;
    sonoedge_error error =
        so_files_read(golden->bundle, variant->golden_regions, &data, &bytes, problem);
    if (error != SONOEDGE_OK) {
        return error;
    }
    golden->arena = so_arena_make(2 * SO_JSON_MEMORY(bytes));
    if (golden->arena == NULL) {
        error = so_fail_file(problem, variant->golden_regions, NO_OUTPUTS, so_no_memory);
    } else {
        error = so_golden_regions_read(golden->arena, data, bytes, variant->golden_regions,
                                       golden->bundle->golden_count, &golden->answers, problem);
    }
    free(data);
    return error;
}

static sonoedge_error read_outputs(struct so_golden *golden, const struct so_variant *variant,
                                   struct so_problem *problem) {
    const struct so_settings *settings = &golden->bundle->settings;
    uint32_t frames = golden->bundle->golden_count;
    const char *fault = NULL;
    size_t bytes;
    sonoedge_error error =
        so_files_read(golden->bundle, variant->golden, &golden->archive, &bytes, problem);
    if (error != SONOEDGE_OK) {
        return error;
    }
    golden->outputs_path = variant->golden;
    golden->entries = calloc((size_t)frames * settings->output_count, sizeof *golden->entries);
    for (uint32_t i = 0; i < settings->output_count; i++) {
        golden->outputs[i] = malloc(settings->outputs[i].bytes);
        fault = golden->outputs[i] == NULL ? so_no_memory : fault;
    }
    fault = golden->entries == NULL ? so_no_memory : fault;
    if (fault == NULL) {
        fault = so_golden_entries(golden->archive, bytes, frames, settings, golden->entries);
    }
    return fault == NULL ? SONOEDGE_OK : so_fail_file(problem, variant->golden, NO_OUTPUTS, fault);
}

sonoedge_error so_golden_open(const struct so_bundle *bundle, const struct so_variant *variant,
                              struct so_golden **out, struct so_problem *problem) {
    int before = errno;
    struct so_golden *golden = calloc(1, sizeof *golden);
    sonoedge_error error;
    *out = NULL;
    if (golden == NULL) {
        return so_fail(problem, SONOEDGE_ERROR_MEMORY, "there is no memory for the golden frames");
    }
    golden->bundle = bundle;
    error = check_pictures(bundle, problem);
    error = error == SONOEDGE_OK ? read_outputs(golden, variant, problem) : error;
    error = error == SONOEDGE_OK ? read_regions(golden, variant, problem) : error;
    if (error == SONOEDGE_OK) {
        *out = golden;
    } else {
        so_golden_free(golden);
    }
    errno = before;
    return error;
}

static sonoedge_error unpack_picture(struct so_golden *golden, uint32_t number,
                                     struct so_image *image, struct so_problem *problem) {
    struct so_png shape;
    uint8_t *data = NULL;
    const char *fault;
    sonoedge_error error =
        read_picture(golden->bundle, number, SO_MOST_PIXELS, &data, &shape, problem);
    if (error != SONOEDGE_OK) {
        return error;
    }
    free(golden->pixels);
    golden->pixels = malloc((size_t)shape.width * shape.height * shape.channels);
    fault = golden->pixels == NULL ? so_no_memory : so_png_pixels(data, &shape, golden->pixels);
    free(data);
    if (fault != NULL) {
        return so_fail_file(problem, path_of(golden->bundle, number), NOT_A_FRAME, fault);
    }
    image->pixels = golden->pixels;
    image->width = (int32_t)shape.width;
    image->height = (int32_t)shape.height;
    image->channels = (int32_t)shape.channels;
    image->stride = (size_t)shape.width * shape.channels;
    return SONOEDGE_OK;
}

sonoedge_error so_golden_case(struct so_golden *golden, uint32_t number, struct so_golden_case *out,
                              struct so_problem *problem) {
    const struct so_settings *settings = &golden->bundle->settings;
    const struct so_golden_answer *answer = &golden->answers[number];
    int before = errno;
    sonoedge_error error = unpack_picture(golden, number, &out->picture, problem);
    for (uint32_t i = 0; error == SONOEDGE_OK && i < settings->output_count; i++) {
        const struct so_zip_entry *entry = &golden->entries[number * settings->output_count + i];
        const char *fault = so_golden_values(entry, &settings->outputs[i], golden->outputs[i]);
        if (fault != NULL) {
            error = so_fail_file(problem, golden->outputs_path, NO_OUTPUTS, fault);
        }
        out->outputs[i] = golden->outputs[i];
    }
    out->is_flagged = answer->is_flagged;
    out->region_count = answer->region_count;
    out->regions = answer->regions;
    errno = before;
    return error;
}

void so_golden_free(struct so_golden *golden) {
    if (golden == NULL) {
        return;
    }
    for (uint32_t i = 0; i < SO_MAX_TENSORS; i++) {
        free(golden->outputs[i]);
    }
    free(golden->pixels);
    free(golden->entries);
    free(golden->archive);
    so_arena_free(golden->arena);
    free(golden);
}
