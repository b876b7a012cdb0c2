/* One frame, analysed on the caller's thread: whatever comes of it is its outcome. */
#define _POSIX_C_SOURCE 200809L
#include "library.h"

#include <unistd.h>

#define CLOCK_TOLERANCE_NS 1000000 /* a driver's stamp may be rounded up */

static double ms(int64_t ns) {
    return (double)ns / 1e6;
}

/* Guard to tracker; the reason that stopped it, or SO_REASON_NONE with `made` filled. */
static int32_t stages(struct so_library *library, const struct so_frame *frame) {
    struct so_outcome *made = library->made;
    const uint8_t *input = NULL;
    struct so_findings findings;
    struct so_problem problem;
    struct so_maps maps;
    int32_t reason = so_frame_prepare(library->path, frame, &input, made->detail);
    if (reason != SO_REASON_NONE) {
        return reason;
    }
    if (library->engine->calls->run(library->engine, input, &problem) != SONOEDGE_OK) {
        so_format(made->detail, sizeof made->detail, "%s", problem.text);
        return SO_REASON_ENGINE_FAILED;
    }
    maps = so_maps_of(&library->bundle->settings, library->engine->outputs);
    reason = so_frame_find(library->path, &maps, 1, &findings, made->detail);
    if (reason != SO_REASON_NONE) {
        return reason;
    }
    if (so_frame_track(library->path, &findings) != 0 ||
        so_outcome_findings(made, &library->bundle->settings, &findings) != 0) {
        so_format(made->detail, sizeof made->detail, "there is no memory left");
        return SO_REASON_INTERNAL_ERROR;
    }
    return SO_REASON_NONE;
}

/* As session.intake and service.client judge a frame before anything remembers it. */
static int32_t refusal(struct so_library *library, const struct so_frame *frame, int64_t now_ns) {
    struct so_outcome *made = library->made;
    int64_t age_ns = so_since(now_ns, frame->captured_ns);
    int32_t reason;
    if (getpid() != library->pid) {
        library->forked = 1;
        so_format(made->detail, sizeof made->detail, "open the bundle in this process");
        return SO_REASON_FORKED;
    }
    if (age_ns > library->max_age_ns) {
        so_format(made->detail, sizeof made->detail, "%.0f ms old when it came", ms(age_ns));
        return SO_REASON_STALE;
    }
    reason = so_frame_value_fault(frame, made->detail);
    if (reason == SO_REASON_NONE && age_ns < -CLOCK_TOLERANCE_NS) {
        so_format(made->detail, sizeof made->detail,
                  "captured_ns lies %.3g s ahead of the session's clock: stamp frames by "
                  "time.monotonic_ns(), not by the time of day",
                  -(double)age_ns / 1e9);
        return SO_REASON_CAPTURE_CLOCK_NOT_MONOTONIC;
    }
    return reason;
}

static void analyse(struct so_library *library, struct so_frame *frame, int64_t began_ns) {
    struct so_outcome *made = library->made;
    int32_t reason;
    int is_early, is_late;
    int64_t now_ns, age_ns;
    made->detail[0] = '\0';
    reason = refusal(library, frame, began_ns);
    is_early = reason != SO_REASON_NONE;
    frame->captured_ns = frame->captured_ns < began_ns ? frame->captured_ns : began_ns;
    if (!is_early) {
        reason = stages(library, frame);
    }
    now_ns = sonoedge_now_ns();
    age_ns = so_since(now_ns, frame->captured_ns);
    is_late = reason == SO_REASON_NONE && age_ns > library->max_age_ns;
    if (is_late) {
        so_format(made->detail, sizeof made->detail, "%.0f ms old", ms(age_ns));
        reason = SO_REASON_STALE;
    }
    if (reason != SO_REASON_NONE) {
        so_outcome_stopped(made, reason);
    }
    made->result.frame_id = library->submitted;
    made->result.captured_ns = frame->captured_ns;
    made->result.valid_until_ns = frame->captured_ns > INT64_MAX - library->max_age_ns
                                      ? INT64_MAX
                                      : frame->captured_ns + library->max_age_ns;
    made->result.age_ms = ms(age_ns);
    if (!is_early) { /* what a host says wrongly of a frame is no trouble of the engine's */
        so_health_note(&library->health, made, now_ns);
    }
}

sonoedge_error so_library_submit(sonoedge *handle, const sonoedge_frame *given,
                                 uint64_t *frame_id) {
    struct so_library *library = so_library_of(handle);
    struct so_frame frame;
    const char *fault = so_frame_fault(given);
    int64_t now_ns;
    if (library->failed != SONOEDGE_OK) {
        return library->failed;
    }
    if (fault != NULL) {
        return so_library_say(library, SONOEDGE_ERROR_ARGUMENT, fault);
    }
    now_ns = sonoedge_now_ns();
    library->busy_since_ns = now_ns;
    library->submitted++;
    so_take_frame(given, &frame);
    analyse(library, &frame, now_ns);
    if (library->made->result.outcome == SONOEDGE_ANALYSED) {
        library->analysed++;
    } else {
        library->not_analysed++;
    }
    if (!library->waits && library->event >= 0) {
        uint64_t one = 1;
        ssize_t written = write(library->event, &one, sizeof one);
        (void)written; /* a counter at 0 takes a 1 */
    }
    library->waits = 1;
    library->busy_since_ns = 0;
    if (frame_id != NULL) {
        *frame_id = library->submitted;
    }
    return so_library_say(library, SONOEDGE_OK, "");
}
