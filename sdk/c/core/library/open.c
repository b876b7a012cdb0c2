/* sonoedge_open: from a bundle's folder to a handle that may be trusted. */
#define _POSIX_C_SOURCE 200809L
#include "library.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define DEFAULT_MAX_AGE_MS 500
#define MOST_THREADS 1024

static sonoedge_error load(struct so_library *library, const struct so_variant *variant,
                           const sonoedge_options *options, struct so_problem *problem) {
    struct so_engine_options how = {options->onnxruntime, options->threads};
    uint8_t *model = NULL;
    size_t bytes = 0;
    sonoedge_error error;
    error = so_bundle_model(library->bundle, variant, &model, &bytes, problem);
    if (error == SONOEDGE_OK) {
        error = so_ort_open(model, bytes, &library->bundle->settings, &how, &library->engine,
                            problem);
    }
    free(model);
    library->variant = variant;
    return error;
}

/* The fastest variant that this machine can run. */
static sonoedge_error choose(struct so_library *library, const sonoedge_options *options,
                             struct so_problem *problem) {
    const struct so_variant *order[SO_MAX_VARIANTS];
    uint32_t count = 0;
    sonoedge_error error =
        so_bundle_candidates(library->bundle, options->variant, order, &count, problem);
    /* An engine that refuses does not give way to the next: that is no choice to make quietly. */
    return error == SONOEDGE_OK ? load(library, order[0], options, problem) : error;
}

/* Labels as texts of at most SONOEDGE_MAX_TEXT bytes. */
static int take_labels(struct so_library *library) {
    const struct so_postprocess *postprocess = &library->bundle->settings.postprocess;
    for (uint32_t i = 0; i < postprocess->label_count; i++) {
        char *label = so_arena_take(library->bundle->arena, SONOEDGE_MAX_TEXT);
        if (label == NULL) {
            return -1;
        }
        so_format(label, SONOEDGE_MAX_TEXT, "%s", postprocess->labels[i]);
        library->labels[i] = label;
    }
    return 0;
}

static sonoedge_error make_room(struct so_library *library, struct so_problem *problem) {
    const struct so_settings *settings = &library->bundle->settings;
    library->path = so_frame_path_make(settings, 1);
    library->made = so_outcome_make(settings);
    library->given = so_outcome_make(settings);
    if (library->path == NULL || library->made == NULL || library->given == NULL ||
        take_labels(library) != 0) {
        return so_fail(problem, SONOEDGE_ERROR_MEMORY, "no memory for frames");
    }
    library->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (library->event < 0) {
        return so_fail(problem, SONOEDGE_ERROR_SYSTEM, "there is no descriptor left");
    }
    return SONOEDGE_OK;
}

static sonoedge_error open_bundle(struct so_library *library, const char *bundle,
                                  const sonoedge_options *options, struct so_problem *problem) {
    sonoedge_error error = so_check_policy(options->manifest_sha256, problem);
    if (error == SONOEDGE_OK) {
        error = so_bundle_open(bundle, options->manifest_sha256, &library->bundle, problem);
    }
    if (error == SONOEDGE_OK) {
        error = make_room(library, problem);
    }
    if (error == SONOEDGE_OK) {
        error = choose(library, options, problem);
    }
    if (error == SONOEDGE_OK) {
        error = so_ask_golden(library, problem);
    }
    return error;
}

static struct so_library *make(void) {
    struct so_library *library = calloc(1, sizeof *library);
    if (library != NULL) {
        library->base.calls = &so_library_calls;
        library->event = -1;
        library->pid = getpid();
    }
    return library;
}

/* A handle that keeps nothing but why there is no analysis. */
static sonoedge_error say_why(const struct so_problem *problem, sonoedge **out) {
    struct so_library *library = make();
    if (library != NULL) {
        library->failed = problem->error;
        so_format(library->message, sizeof library->message, "%s", problem->text);
        *out = &library->base;
    }
    return problem->error;
}

sonoedge_error sonoedge_open(const char *bundle, const sonoedge_options *options, sonoedge **out) {
    static const sonoedge_options defaults;
    struct so_problem problem = {SONOEDGE_OK, ""};
    struct so_library *library;
    if (out == NULL) {
        return SONOEDGE_ERROR_ARGUMENT;
    }
    *out = NULL;
    options = options == NULL ? &defaults : options;
    if (bundle == NULL || bundle[0] == '\0' || options->threads > MOST_THREADS) {
        return SONOEDGE_ERROR_ARGUMENT;
    }
    library = make();
    if (library == NULL) {
        return SONOEDGE_ERROR_MEMORY;
    }
    library->max_age_ns =
        (int64_t)(options->max_age_ms != 0 ? options->max_age_ms : DEFAULT_MAX_AGE_MS) * 1000000;
    if (open_bundle(library, bundle, options, &problem) != SONOEDGE_OK) {
        so_library_free(library);
        return say_why(&problem, out);
    }
    *out = &library->base;
    return SONOEDGE_OK;
}
