/* ONNX Runtime asked: over memory of ours, so that a call allocates nothing here. */
#include "ort_session.h"

#include <stdlib.h>

sonoedge_error so_ort_status(const struct ort_api *api, ort status, const char *failure,
                             struct so_problem *problem) {
    if (status == NULL) {
        return SONOEDGE_OK;
    }
    so_fail(problem, SONOEDGE_ERROR_ENGINE, "ONNX Runtime %s: %.300s", failure,
            api->get_error_message(status));
    api->release_status(status);
    return SONOEDGE_ERROR_ENGINE;
}

static int element_type(enum so_dtype dtype) {
    switch (dtype) {
    case SO_UINT8:
        return ORT_UINT8;
    case SO_FLOAT32:
        return ORT_FLOAT;
    case SO_INT32:
        return ORT_INT32;
    case SO_INT64:
        return ORT_INT64;
    case SO_BOOL:
        return ORT_BOOL;
    }
    return 0;
}

static ort over(struct so_ort *engine, const struct so_tensor_spec *spec, void *data, ort *out) {
    return engine->api.create_tensor(engine->memory, data, spec->bytes, spec->shape, spec->rank,
                                     element_type(spec->dtype), out);
}

sonoedge_error so_ort_bind(struct so_ort *engine, struct so_problem *problem) {
    const struct so_settings *settings = engine->settings;
    for (uint32_t i = 0; i < settings->output_count; i++) {
        ort status;
        engine->output_names[i] = settings->outputs[i].name;
        engine->output_data[i] = calloc(1, settings->outputs[i].bytes);
        if (engine->output_data[i] == NULL) {
            return so_fail(problem, SONOEDGE_ERROR_MEMORY, "no memory for the network's outputs");
        }
        engine->base.outputs[i] = engine->output_data[i];
        status = over(engine, &settings->outputs[i], engine->output_data[i],
                      &engine->output_values[i]);
        if (status != NULL) {
            return so_ort_status(&engine->api, status, "refused memory for its outputs", problem);
        }
    }
    return SONOEDGE_OK;
}

/* The input's memory stays where it is from frame to frame, nearly always. */
static ort bind_input(struct so_ort *engine, const uint8_t *input) {
    if (engine->input == input) {
        return NULL;
    }
    if (engine->input_value != NULL) {
        engine->api.release_value(engine->input_value);
    }
    engine->input_value = NULL;
    engine->input = NULL;
    /* The API has no tensor that cannot be written; a network's input is not written to. */
    ort status = over(engine, &engine->settings->input, (void *)(uintptr_t)input,
                      &engine->input_value);
    if (status == NULL) {
        engine->input = input;
    }
    return status;
}

static sonoedge_error run(struct so_engine *base, const uint8_t *input,
                          struct so_problem *problem) {
    struct so_ort *engine = (struct so_ort *)(void *)base;
    const char *input_name = engine->settings->input.name;
    ort status = bind_input(engine, input);
    if (status == NULL) {
        status = engine->api.run(engine->session, NULL, &input_name, &engine->input_value, 1,
                                 engine->output_names, engine->settings->output_count,
                                 engine->output_values);
    }
    return so_ort_status(&engine->api, status, "failed while running", problem);
}

static void close_engine(struct so_engine *base) {
    struct so_ort *engine = (struct so_ort *)(void *)base;
    const struct ort_api *api = &engine->api;
    for (size_t i = 0; i < SO_MAX_TENSORS; i++) {
        if (engine->output_values[i] != NULL) {
            api->release_value(engine->output_values[i]);
        }
        free(engine->output_data[i]);
    }
    if (engine->input_value != NULL) {
        api->release_value(engine->input_value);
    }
    if (engine->session != NULL) {
        api->release_session(engine->session);
    }
    if (engine->memory != NULL) {
        api->release_memory(engine->memory);
    }
    if (engine->env != NULL) {
        api->release_env(engine->env);
    }
    free(engine);
}

const struct so_engine_calls so_ort_calls = {run, close_engine};
