/* ONNX Runtime's session as an engine; ort_open.c makes it, ort_run.c asks it. */
#ifndef SONOEDGE_CORE_ORT_SESSION_H
#define SONOEDGE_CORE_ORT_SESSION_H

#include "engine.h"
#include "ort.h"

struct so_ort {
    struct so_engine base; /* first: an engine is one of these */
    struct ort_api api;
    const struct so_settings *settings;
    ort env, memory, session;
    const uint8_t *input; /* that `input_value` lies over */
    ort input_value;
    ort output_values[SO_MAX_TENSORS];
    void *output_data[SO_MAX_TENSORS];
    const char *output_names[SO_MAX_TENSORS];
};

/* A status as a problem, or SONOEDGE_OK; the status is released. */
sonoedge_error so_ort_status(const struct ort_api *api, ort status, const char *failure,
                             struct so_problem *problem);
/* Tensors over memory of ours; all of `engine` is closed again by so_ort_close. */
sonoedge_error so_ort_bind(struct so_ort *engine, struct so_problem *problem);
/* ort_tensors.c. Whether the session's tensors are those of the manifest. */
sonoedge_error so_ort_check(const struct so_ort *engine, struct so_problem *problem);

extern const struct so_engine_calls so_ort_calls;

#endif
