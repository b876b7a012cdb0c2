/* What no bundle brings about at will: `units BUNDLE LIBONNXRUNTIME`. Ends with 1 and the line of
 * the first claim that does not hold. */
#define _POSIX_C_SOURCE 200809L
#include "core/library/library.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CLAIM(holds)                                                                               \
    do {                                                                                           \
        if (!(holds)) {                                                                            \
            fprintf(stderr, "line %d: %s\n", __LINE__, #holds);                                    \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

#define SECOND 1000000000

/* A contour of too many points is thinned evenly, and marked; its neighbour is complete. */
static void contours(void) {
    static struct so_settings settings;
    static int32_t points[2 * 5000];
    double probs[2] = {0.25, 0.75};
    struct so_region regions[2];
    struct so_findings findings = {2, regions, probs, 0, 1};
    struct so_outcome *outcome;
    settings.postprocess.max_regions = 2;
    settings.postprocess.label_count = 2;
    for (int32_t i = 0; i < 2 * 5000; i++) {
        points[i] = i;
    }
    memset(regions, 0, sizeof regions);
    regions[0].contour = regions[1].contour = points;
    regions[0].points = 5000;
    regions[1].points = SONOEDGE_MAX_POINTS;
    regions[0].suspicion = 0.5;
    regions[1].suspicion = 0.25;
    regions[1].class_probs = probs;
    regions[1].is_flagged = regions[1].is_track_flagged = regions[1].has_mm = 1;
    regions[1].area_mm2 = 3;
    outcome = so_outcome_make(&settings);
    CLAIM(outcome != NULL && so_outcome_findings(outcome, &settings, &findings) == 0);
    CLAIM(outcome->result.outcome == SONOEDGE_ANALYSED && outcome->result.region_count == 2);
    CLAIM(outcome->result.suspicion == 0.5 && outcome->result.flagged == 1);
    CLAIM(outcome->result.temporal_flag == 1 && outcome->result.localised == 1);
    CLAIM(outcome->regions[0].points == SONOEDGE_MAX_POINTS);
    CLAIM(outcome->regions[0].flags == SONOEDGE_REGION_CONTOUR_CUT);
    for (uint32_t i = 0; i < SONOEDGE_MAX_POINTS; i++) {
        int32_t from = (int32_t)floor((double)i * (5000.0 / SONOEDGE_MAX_POINTS));
        CLAIM(outcome->regions[0].contour[2 * i] == 2 * from);
    }
    CLAIM(outcome->regions[1].points == SONOEDGE_MAX_POINTS);
    CLAIM(memcmp(outcome->regions[1].contour, points, 8 * SONOEDGE_MAX_POINTS) == 0);
    CLAIM(outcome->regions[1].flags ==
          (SONOEDGE_REGION_FLAGGED | SONOEDGE_REGION_TRACK_FLAGGED | SONOEDGE_REGION_HAS_MM));
    CLAIM(outcome->regions[1].class_probs[1] == 0.75 && outcome->regions[0].class_probs == NULL);
    CLAIM(outcome->result.class_probs[0] == 0.25);
    so_outcome_stopped(outcome, SO_REASON_BLACK);
    CLAIM(outcome->result.outcome == SONOEDGE_NOT_ANALYSED && outcome->result.region_count == 0);
    CLAIM(isnan(outcome->result.suspicion) && outcome->result.flagged == 0);
    CLAIM(outcome->result.class_probs == NULL && outcome->result.temporal_flag == -1);
    so_outcome_free(outcome);
}

/* A network that grades the whole frame has no regions, and says so. */
static void grades(void) {
    static struct so_settings settings;
    struct so_region region;
    struct so_findings findings = {1, &region, NULL, 1, 0};
    struct so_outcome *outcome;
    memset(&region, 0, sizeof region);
    region.suspicion = 0.75;
    region.is_flagged = 1;
    settings.postprocess.max_regions = 1;
    settings.postprocess.label_count = 1;
    outcome = so_outcome_make(&settings);
    CLAIM(outcome != NULL && so_outcome_findings(outcome, &settings, &findings) == 0);
    CLAIM(outcome->result.localised == 0 && outcome->result.region_count == 0);
    CLAIM(outcome->result.suspicion == 0.75 && outcome->result.flagged == 1);
    CLAIM(outcome->result.temporal_flag == 0);
    so_outcome_free(outcome);
}

static void note(struct so_health *health, int32_t reason, int64_t at_ns) {
    struct so_outcome outcome;
    memset(&outcome, 0, sizeof outcome);
    outcome.reason = reason;
    outcome.result.outcome = reason == SO_REASON_NONE ? SONOEDGE_ANALYSED : SONOEDGE_NOT_ANALYSED;
    so_health_note(health, &outcome, at_ns);
}

/* Trouble is left after ten frames and a second without any. */
static void health(void) {
    struct so_health now = {0, 0, 0};
    char words[SONOEDGE_MAX_TEXT];
    note(&now, SO_REASON_CONSTANT, 1);
    CLAIM(now.troubles == 0); /* the picture's fault */
    note(&now, SO_REASON_INTERNAL_ERROR, 1);
    note(&now, SO_REASON_STALE, 2);
    note(&now, SO_REASON_ENGINE_OUTPUT_INVALID, 3);
    so_health_words(&now, words, sizeof words);
    CLAIM(strcmp(words, "ENGINE_FAILED INTERNAL_ERROR RESULTS_STALE") == 0);
    for (int64_t i = 0; i < 9; i++) {
        note(&now, SO_REASON_NONE, 2 * (int64_t)SECOND);
    }
    CLAIM(now.troubles != 0);
    note(&now, SO_REASON_STALE, 2 * (int64_t)SECOND);
    for (int64_t i = 0; i < 20; i++) {
        note(&now, SO_REASON_NONE, 2 * (int64_t)SECOND + i);
    }
    CLAIM(now.troubles != 0); /* ten frames, but no second */
    note(&now, SO_REASON_NONE, 3 * (int64_t)SECOND);
    CLAIM(now.troubles == 0);
    so_health_words(&now, words, sizeof words);
    CLAIM(words[0] == '\0');
}

static sonoedge_error refuse(struct so_engine *engine, const uint8_t *input,
                             struct so_problem *problem) {
    (void)engine;
    (void)input;
    return so_fail(problem, SONOEDGE_ERROR_ENGINE, "ONNX Runtime failed while running: %s", "so");
}

static const struct so_engine_calls *real;

static sonoedge_error be_slow(struct so_engine *engine, const uint8_t *input,
                              struct so_problem *problem) {
    struct timespec pause = {0, 700000000};
    nanosleep(&pause, NULL);
    return real->run(engine, input, problem);
}

static uint8_t pixels[120 * 160];

static sonoedge_result ask(sonoedge *handle) {
    sonoedge_frame frame;
    sonoedge_result result;
    sonoedge_frame_init(&frame);
    for (size_t i = 0; i < sizeof pixels; i++) {
        pixels[i] = (uint8_t)(100 + (i * 7919 + (size_t)rand()) % 60);
    }
    frame.pixels = pixels;
    frame.width = 160;
    frame.height = 120;
    frame.captured_ns = sonoedge_now_ns();
    CLAIM(sonoedge_submit(handle, &frame, NULL) == SONOEDGE_OK);
    CLAIM(sonoedge_next(handle, &result, 0) == SONOEDGE_OK);
    return result;
}

struct watch {
    sonoedge *handle;
    volatile int stop;
    int seen;
};

static void *look(void *data) {
    struct watch *watch = data;
    while (!watch->stop) {
        watch->seen = watch->seen || !sonoedge_valid(watch->handle, sonoedge_now_ns());
    }
    return NULL;
}

/* An engine that fails costs frames, not the handle; one that hangs is seen by another thread. */
static void engines(sonoedge *handle) {
    struct so_library *library = so_library_of(handle);
    struct so_engine_calls failing = {refuse, NULL}, slow = {be_slow, NULL};
    struct watch watch = {handle, 0, 0};
    sonoedge_status status;
    sonoedge_result result;
    pthread_t thread;
    real = library->engine->calls;
    CLAIM(ask(handle).outcome == SONOEDGE_ANALYSED);

    library->engine->calls = &failing;
    result = ask(handle);
    CLAIM(result.outcome == SONOEDGE_NOT_ANALYSED && result.reasons[0] == SO_REASON_ENGINE_FAILED);
    CLAIM(strcmp(result.detail, "ONNX Runtime failed while running: so") == 0);
    CLAIM(sonoedge_get_status(handle, &status) == SONOEDGE_OK);
    CLAIM(status.state == SONOEDGE_DEGRADED && strcmp(status.reasons, "ENGINE_FAILED") == 0);
    CLAIM(status.submitted == 2 && status.analysed == 1 && status.not_analysed == 1);

    library->engine->calls = &slow;
    CLAIM(pthread_create(&thread, NULL, look, &watch) == 0);
    result = ask(handle);
    watch.stop = 1;
    CLAIM(pthread_join(thread, NULL) == 0);
    CLAIM(watch.seen);
    CLAIM(result.outcome == SONOEDGE_NOT_ANALYSED && result.reasons[0] == SO_REASON_STALE);
    CLAIM(strstr(result.detail, " ms old") != NULL && result.age_ms > 700);
    CLAIM(sonoedge_valid(handle, sonoedge_now_ns()));

    library->engine->calls = real;
    CLAIM(ask(handle).outcome == SONOEDGE_ANALYSED);
}

int main(int count, char **words) {
    sonoedge_options options;
    sonoedge *handle = NULL;
    CLAIM(count == 3);
    contours();
    grades();
    health();
    memset(&options, 0, sizeof options);
    options.onnxruntime = words[2];
    CLAIM(sonoedge_open(words[1], &options, &handle) == SONOEDGE_OK);
    engines(handle);
    sonoedge_close(handle);
    return 0;
}
