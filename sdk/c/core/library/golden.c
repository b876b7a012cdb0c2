/* Does the engine, as loaded here, answer what it answered when it was verified? */
#include "library.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WARM_UP_CALLS 3

static double value_at(const struct so_tensor_spec *spec, const void *values, size_t index) {
    switch (spec->dtype) {
    case SO_FLOAT32:
        return (double)((const float *)values)[index];
    case SO_INT32:
        return (double)((const int32_t *)values)[index];
    case SO_INT64:
        return (double)((const int64_t *)values)[index];
    case SO_UINT8:
    case SO_BOOL:
        break;
    }
    return (double)((const uint8_t *)values)[index];
}

/* Largest absolute difference; infinite where a value is not finite, or `finite` differs. */
static double difference(const struct so_tensor_spec *spec, const void *answer,
                         const void *expected) {
    size_t count = spec->bytes / so_dtype_bytes(spec->dtype);
    double largest = 0;
    for (size_t i = 0; i < count; i++) {
        double off = fabs(value_at(spec, answer, i) - value_at(spec, expected, i));
        if (!isfinite(off) || (off != 0 && strcmp(spec->name, "finite") == 0)) {
            return (double)INFINITY;
        }
        largest = off > largest ? off : largest;
    }
    return largest;
}

static double tolerance(const struct so_tensor_spec *spec, const struct so_variant *variant) {
    size_t length = strlen(spec->name);
    if (length >= 4 && strcmp(spec->name + length - 4, "_map") == 0) {
        return (double)variant->map_levels;
    }
    return spec->dtype == SO_FLOAT32 ? variant->probs : 0;
}

static sonoedge_error compare(const struct so_library *library, uint32_t number,
                              const struct so_golden_case *golden, struct so_problem *problem) {
    const struct so_settings *settings = &library->bundle->settings;
    for (uint32_t i = 0; i < settings->output_count; i++) {
        const struct so_tensor_spec *spec = &settings->outputs[i];
        double limit = tolerance(spec, library->variant);
        double off = difference(spec, library->engine->outputs[i], golden->outputs[i]);
        if (off > limit) {
            return so_fail(problem, SONOEDGE_ERROR_WRONG_ANSWER,
                           "golden frame %u: %s is off by %.3g, allowed %.3g; this engine must "
                           "not be used here: update the runtime or export again",
                           (unsigned)number, spec->name, off, limit);
        }
    }
    return SONOEDGE_OK;
}

static sonoedge_error no_memory(struct so_problem *problem) {
    return so_fail(problem, SONOEDGE_ERROR_MEMORY, "no memory for the golden frames");
}

/* The golden outputs themselves must give the golden regions. */
static sonoedge_error check_settings(struct so_library *library, uint32_t number,
                                     const struct so_golden_case *golden,
                                     struct so_problem *problem) {
    const struct so_settings *settings = &library->bundle->settings;
    struct so_maps maps = so_maps_of(settings, golden->outputs);
    char changes[SO_DIFFERENCE], unread[SONOEDGE_MAX_TEXT];
    struct so_findings findings;
    if (so_frame_find(library->path, &maps, 0, &findings, unread) != SO_REASON_NONE) {
        return no_memory(problem);
    }
    so_settings_difference(golden, &findings, settings->postprocess.flag_threshold, changes);
    if (changes[0] == '\0' && so_frame_out_of_scope(settings, &maps)) {
        so_format(changes, sizeof changes, "a frame out of scope");
    }
    if (changes[0] != '\0') {
        return so_fail(problem, SONOEDGE_ERROR_WRONG_ANSWER,
                       "golden frame %u: the bundle's settings give %s, other than at export; "
                       "export it again",
                       (unsigned)number, changes);
    }
    return SONOEDGE_OK;
}

static sonoedge_error check_flags(struct so_library *library, uint32_t number,
                                  const struct so_golden_case *golden,
                                  struct so_problem *problem) {
    const struct so_settings *settings = &library->bundle->settings;
    struct so_maps maps = so_maps_of(settings, library->engine->outputs);
    char changes[SO_DIFFERENCE], unread[SONOEDGE_MAX_TEXT];
    struct so_findings findings;
    if (so_frame_find(library->path, &maps, 0, &findings, unread) != SO_REASON_NONE) {
        return no_memory(problem);
    }
    so_flag_difference(golden, &findings, settings->postprocess.flag_threshold, changes);
    if (changes[0] != '\0') {
        return so_fail(problem, SONOEDGE_ERROR_WRONG_ANSWER,
                       "golden frame %u: %s; this engine must not be used here: update the "
                       "runtime or export again",
                       (unsigned)number, changes);
    }
    return SONOEDGE_OK;
}

static sonoedge_error check(struct so_library *library, uint32_t number,
                            const struct so_golden_case *golden, struct so_problem *problem) {
    const uint8_t *input = NULL;
    sonoedge_error error;
    if (so_frame_prepare_picture(library->path, &golden->picture, &input) != 0) {
        return so_fail(problem, SONOEDGE_ERROR_WRONG_ANSWER,
                       "golden frame %u: the region of interest is empty; export it again",
                       (unsigned)number);
    }
    error = check_settings(library, number, golden, problem);
    if (error == SONOEDGE_OK) {
        error = library->engine->calls->run(library->engine, input, problem);
    }
    if (error == SONOEDGE_OK) {
        error = compare(library, number, golden, problem);
    }
    if (error == SONOEDGE_OK) {
        error = check_flags(library, number, golden, problem);
    }
    return error;
}

static sonoedge_error warm_up(struct so_library *library, struct so_problem *problem) {
    uint32_t golden = library->bundle->golden_count; /* they warm up as well */
    uint32_t calls = golden < WARM_UP_CALLS ? WARM_UP_CALLS - golden : 1;
    uint8_t *nothing = calloc(1, library->bundle->settings.input.bytes);
    sonoedge_error error = SONOEDGE_OK;
    if (nothing == NULL) {
        return no_memory(problem);
    }
    for (uint32_t i = 0; error == SONOEDGE_OK && i < calls; i++) {
        error = library->engine->calls->run(library->engine, nothing, problem);
    }
    free(nothing);
    return error;
}

sonoedge_error so_ask_golden(struct so_library *library, struct so_problem *problem) {
    struct so_golden *golden = NULL;
    struct so_golden_case one;
    sonoedge_error error = warm_up(library, problem);
    if (error == SONOEDGE_OK) {
        error = so_golden_open(library->bundle, library->variant, &golden, problem);
    }
    for (uint32_t i = 0; error == SONOEDGE_OK && i < library->bundle->golden_count; i++) {
        error = so_golden_case(golden, i, &one, problem);
        if (error == SONOEDGE_OK) {
            error = check(library, i, &one, problem);
        }
    }
    so_golden_free(golden);
    so_frame_reset(library->path); /* the first live frame finds no memory of a golden one */
    return error;
}
