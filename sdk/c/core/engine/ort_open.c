/* A network loaded by ONNX Runtime's CPU provider, driven as sonoedge_runtimes/ort.py drives it. */
#include "ort_session.h"

#include <stdlib.h>

static ort configured(const struct ort_api *api, uint32_t threads, ort *options) {
    ort status = api->create_options(options);
    if (status == NULL) {
        status = api->set_intra_threads(*options, (int)threads);
    }
    if (status == NULL) {
        status = api->set_inter_threads(*options, 1);
    }
    if (status == NULL) {
        status = api->set_log_severity(*options, ORT_LOGGING_LEVEL_ERROR);
    }
    if (status == NULL) {
        /* Spinning between frames burns the idle time of whatever else runs. */
        status = api->add_config_entry(*options, "session.intra_op.allow_spinning", "0");
    }
    return status;
}

static sonoedge_error load(struct so_ort *engine, const uint8_t *model, size_t bytes,
                           uint32_t threads, struct so_problem *problem) {
    const struct ort_api *api = &engine->api;
    ort options = NULL;
    ort status = api->create_env(ORT_LOGGING_LEVEL_ERROR, "sonoedge", &engine->env);
    if (status == NULL) {
        status = api->create_memory(ORT_ARENA_ALLOCATOR, ORT_MEM_TYPE_DEFAULT, &engine->memory);
    }
    if (status == NULL) {
        status = configured(api, threads, &options);
    }
    if (status == NULL) {
        status = api->create_session(engine->env, model, bytes, options, &engine->session);
    }
    if (options != NULL) {
        api->release_options(options);
    }
    return so_ort_status(api, status, "refused the model", problem);
}

sonoedge_error so_ort_open(const uint8_t *model, size_t bytes, const struct so_settings *settings,
                           const struct so_engine_options *options, struct so_engine **out,
                           struct so_problem *problem) {
    struct so_ort *engine = calloc(1, sizeof *engine);
    sonoedge_error error;
    *out = NULL;
    if (engine == NULL) {
        return so_fail(problem, SONOEDGE_ERROR_MEMORY, "no memory for an engine");
    }
    engine->base.calls = &so_ort_calls;
    engine->settings = settings;
    error = so_ort_load(options->library, &engine->api, problem);
    if (error != SONOEDGE_OK) {
        free(engine); /* none of its functions is there to close it by */
        return error;
    }
    error = load(engine, model, bytes,
                 options->threads != 0 ? options->threads : so_usable_threads(), problem);
    if (error == SONOEDGE_OK) {
        error = so_ort_check(engine, problem);
    }
    if (error == SONOEDGE_OK) {
        error = so_ort_bind(engine, problem);
    }
    if (error != SONOEDGE_OK) {
        so_ort_calls.close(&engine->base);
        return error;
    }
    *out = &engine->base;
    return SONOEDGE_OK;
}
