/* The calls on a handle that analyses in this process; submit.c has one of them. */
#define _POSIX_C_SOURCE 200809L
#include "library.h"

#include <stdlib.h>
#include <unistd.h>

#define HUNG_NS 200000000 /* as the service's word is good for so long after its last beat */

static sonoedge_error next(sonoedge *handle, sonoedge_result *result, uint32_t timeout_ms) {
    struct so_library *library = so_library_of(handle);
    struct so_outcome *outcome = library->made;
    (void)timeout_ms; /* submit has analysed: there is nothing to wait for */
    result->detail = "";
    if (library->failed != SONOEDGE_OK) {
        return library->failed;
    }
    if (!library->waits) {
        return so_library_say(library, SONOEDGE_ERROR_NOTHING_NEW, "");
    }
    if (library->event >= 0) {
        uint64_t count;
        ssize_t got = read(library->event, &count, sizeof count);
        (void)got; /* in a fork the other process may have read it */
    }
    library->waits = 0;
    library->made = library->given; /* the next submit leaves alone what the host reads */
    library->given = outcome;
    *result = outcome->result;
    return so_library_say(library, SONOEDGE_OK, "");
}

static int descriptor(const sonoedge *handle) {
    return so_library_of_const(handle)->event;
}

/* Any thread may ask: while a frame is analysed for too long, there is no analysis. */
static int valid(const sonoedge *handle, int64_t now_ns) {
    const struct so_library *library = so_library_of_const(handle);
    int64_t since_ns = library->busy_since_ns;
    return now_ns > 0 && library->failed == SONOEDGE_OK && !library->forked &&
           (since_ns == 0 || so_since(now_ns, since_ns) < HUNG_NS);
}

static const char *why_closed(sonoedge_error error) {
    switch (error) {
    case SONOEDGE_ERROR_WRONG_ANSWER:
        return "WRONG_ANSWER";
    case SONOEDGE_ERROR_ENGINE:
        return "ENGINE_FAILED";
    default:
        return "BUNDLE_UNUSABLE";
    }
}

static sonoedge_error get_status(sonoedge *handle, sonoedge_status *status) {
    struct so_library *library = so_library_of(handle);
    const struct so_postprocess *postprocess;
    int64_t now_ns = sonoedge_now_ns();
    if (library->failed != SONOEDGE_OK) {
        status->reasons = why_closed(library->failed);
        return library->failed;
    }
    postprocess = &library->bundle->settings.postprocess;
    so_health_words(&library->health, library->reasons, sizeof library->reasons);
    status->state = library->health.troubles != 0 ? SONOEDGE_DEGRADED : SONOEDGE_READY;
    status->reasons = library->reasons;
    if (!valid(handle, now_ns)) {
        status->state = SONOEDGE_UNAVAILABLE;
        status->reasons = library->forked ? "FORKED" : "ENGINE_HUNG";
    } else {
        status->valid_until_ns = now_ns + HUNG_NS;
    }
    status->submitted = library->submitted;
    status->analysed = library->analysed;
    status->not_analysed = library->not_analysed;
    status->bundle_id = library->bundle->bundle_id;
    status->runtime = library->variant->runtime;
    status->precision = library->variant->precision;
    status->variant = library->variant->id;
    status->labels = library->labels;
    status->label_count = postprocess->label_count;
    status->flag_threshold = postprocess->flag_threshold;
    return so_library_say(library, SONOEDGE_OK, "");
}

static const char *last_message(const sonoedge *handle) {
    return so_library_of_const(handle)->message;
}

sonoedge_error so_library_say(struct so_library *library, sonoedge_error error, const char *text) {
    so_format(library->message, sizeof library->message, "%s", text);
    return error;
}

void so_library_free(struct so_library *library) {
    if (library->engine != NULL && getpid() == library->pid) {
        library->engine->calls->close(library->engine); /* in a fork its threads are gone */
    }
    so_frame_path_free(library->path);
    so_bundle_free(library->bundle);
    so_outcome_free(library->made);
    so_outcome_free(library->given);
    if (library->event >= 0) {
        close(library->event);
    }
    free(library);
}

static void close_library(sonoedge *handle) {
    so_library_free(so_library_of(handle));
}

const struct so_calls so_library_calls = {so_library_submit, next,         descriptor,   valid,
                                          get_status,        last_message, close_library};
