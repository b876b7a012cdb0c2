/* A handle that analyses in this process, and what its files do for each other. */
#ifndef SONOEDGE_CORE_LIBRARY_H
#define SONOEDGE_CORE_LIBRARY_H

#include "../../common/handle.h"
#include "../bundle.h"
#include "../core.h"
#include "../engine/engine.h"
#include "../frame_path.h"

#include <sys/types.h>

/* The device's policy; a build for a test has another one. */
#ifndef SONOEDGE_POLICY_FILE
#define SONOEDGE_POLICY_FILE "/etc/sonoedge/trust.json"
#endif

/* A result, with what it points to. */
struct so_outcome {
    sonoedge_result result;
    sonoedge_region *regions; /* [max_regions] */
    double *class_probs;      /* [(max_regions + 1) * label_count] */
    int32_t *points;          /* grows with the contours */
    size_t point_room;        /* numbers, two a point */
    int32_t reason;
    char detail[SONOEDGE_MAX_TEXT];
};

/* How well it goes: session.states.Health, as far as it is this process's own. */
enum so_trouble { SO_TROUBLE_ENGINE_FAILED = 1, SO_TROUBLE_INTERNAL = 2, SO_TROUBLE_STALE = 4 };

struct so_health {
    unsigned troubles; /* of enum so_trouble */
    int64_t trouble_ns;
    uint32_t good_frames;
};

struct so_library {
    struct sonoedge base; /* first: a handle is one of these */
    struct so_bundle *bundle;
    const struct so_variant *variant;
    struct so_engine *engine;
    struct so_frame_path *path;
    int64_t max_age_ns;
    int event;  /* readable while a result waits; -1: there is none */
    pid_t pid;  /* of the process that opened it */

    sonoedge_error failed; /* opening did: every call gives it again */
    char message[SO_PROBLEM_TEXT];
    char reasons[SONOEDGE_MAX_TEXT];
    const char *labels[SONOEDGE_MAX_LABELS];

    uint64_t submitted, analysed, not_analysed, superseded;
    struct so_health health;
    volatile int64_t busy_since_ns; /* of the submit under way; 0: none. One aligned word */
    volatile int forked;            /* a frame came in another process */

    int waits; /* `made` was not read yet */
    struct so_outcome *made, *given;
};

static inline struct so_library *so_library_of(sonoedge *handle) {
    return (struct so_library *)(void *)handle;
}

static inline const struct so_library *so_library_of_const(const sonoedge *handle) {
    return (const struct so_library *)(const void *)handle;
}

/* trust.c. Whether the device's policy lets this library open a bundle: without signatures it
 * can check, only one whose manifest the firmware itself pins. */
sonoedge_error so_check_policy(const char *pin, struct so_problem *problem);

/* golden.c. Warm up, ask the golden frames, compare: engines.golden.check_golden. */
sonoedge_error so_ask_golden(struct so_library *library, struct so_problem *problem);
/* golden_regions.c. How regions differ from those at export; "" where they do not.
 * engines.golden_regions.settings_difference and flag_difference. */
#define SO_DIFFERENCE 160
void so_settings_difference(const struct so_golden_case *golden, const struct so_findings *now,
                            double threshold, char difference[SO_DIFFERENCE]);
void so_flag_difference(const struct so_golden_case *golden, const struct so_findings *now,
                        double threshold, char difference[SO_DIFFERENCE]);

/* frame.c. The core's frame of a host's. */
void so_take_frame(const sonoedge_frame *given, struct so_frame *frame);
/* frame.c. An engine's outputs, in the manifest's order, as the frame path takes them. */
struct so_maps so_maps_of(const struct so_settings *settings, const void *const *outputs);
/* frame.c. a - b, at the ends of int64_t where it is beyond. */
int64_t so_since(int64_t a, int64_t b);

/* outcome.c. Room for what the bundle's settings allow; 0, or -1 without memory. */
struct so_outcome *so_outcome_make(const struct so_settings *settings);
void so_outcome_free(struct so_outcome *outcome);
/* outcome.c. Fill a result; 0, or -1 without memory. */
int so_outcome_findings(struct so_outcome *outcome, const struct so_settings *settings,
                        const struct so_findings *findings);
void so_outcome_stopped(struct so_outcome *outcome, int32_t reason);

/* health.c. */
void so_health_note(struct so_health *health, const struct so_outcome *outcome, int64_t now_ns);
void so_health_words(const struct so_health *health, char *to, size_t room);

/* submit.c: see so_calls. */
sonoedge_error so_library_submit(sonoedge *handle, const sonoedge_frame *frame,
                                 uint64_t *frame_id);
/* calls.c. All others. */
extern const struct so_calls so_library_calls;
/* calls.c. An error with its sentence for sonoedge_last_message. */
sonoedge_error so_library_say(struct so_library *library, sonoedge_error error, const char *text);
/* calls.c. What close does, of a handle that may be half made. */
void so_library_free(struct so_library *library);

#endif
