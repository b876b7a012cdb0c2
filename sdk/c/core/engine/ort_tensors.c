/* Whether a network has the tensors that the manifest names: names, types, static shapes. */
#include "ort_session.h"

#include <string.h>

static enum so_dtype dtype_of(int element_type) {
    switch (element_type) {
    case ORT_UINT8:
        return SO_UINT8;
    case ORT_FLOAT:
        return SO_FLOAT32;
    case ORT_INT32:
        return SO_INT32;
    case ORT_INT64:
        return SO_INT64;
    case ORT_BOOL:
        return SO_BOOL;
    default:
        return (enum so_dtype)0;
    }
}

/* A tensor's type and shape into `spec`; those that the library does not run have no dtype. */
static ort describe(const struct ort_api *api, ort type, struct so_tensor_spec *spec) {
    const void *tensor = NULL; /* within `type`; NULL where that is no tensor's */
    int element_type = 0;
    size_t rank = 0;
    ort status = api->tensor_info(type, &tensor);
    if (status != NULL || tensor == NULL) {
        return status;
    }
    status = api->element_type(tensor, &element_type);
    if (status == NULL) {
        status = api->rank(tensor, &rank);
    }
    if (status == NULL && rank <= SO_MAX_RANK) {
        spec->rank = (uint32_t)rank;
        spec->dtype = dtype_of(element_type);
        status = api->shape(tensor, spec->shape, rank); /* -1: not static */
    }
    return status;
}

static ort read_spec(const struct so_ort *engine, size_t index, int is_output,
                     struct so_tensor_spec *spec) {
    const struct ort_api *api = &engine->api;
    ort type = NULL, allocator = NULL, status;
    char *name = NULL;
    memset(spec, 0, sizeof *spec);
    status = (is_output ? api->output_type : api->input_type)(engine->session, index, &type);
    if (status == NULL) {
        status = describe(api, type, spec);
        api->release_type(type);
    }
    if (status == NULL) {
        status = api->default_allocator(&allocator);
    }
    if (status == NULL) {
        status = (is_output ? api->output_name : api->input_name)(engine->session, index, allocator,
                                                                  &name);
    }
    if (status == NULL) {
        if (strlen(name) < sizeof spec->name) {
            memcpy(spec->name, name, strlen(name) + 1);
        }
        status = api->allocator_free(allocator, name);
    }
    return status;
}

static int is_same(const struct so_tensor_spec *a, const struct so_tensor_spec *b) {
    return strcmp(a->name, b->name) == 0 && a->dtype == b->dtype && a->rank == b->rank &&
           memcmp(a->shape, b->shape, a->rank * sizeof a->shape[0]) == 0;
}

static int is_output(const struct so_settings *settings, const struct so_tensor_spec *spec) {
    for (uint32_t i = 0; i < settings->output_count; i++) {
        if (is_same(spec, &settings->outputs[i])) {
            return 1;
        }
    }
    return 0;
}

static sonoedge_error differs(const struct so_tensor_spec *spec, struct so_problem *problem) {
    return so_fail(problem, SONOEDGE_ERROR_BUNDLE,
                   "the network's tensor '%s' is not as the manifest names it; export the bundle "
                   "again",
                   spec->name);
}

sonoedge_error so_ort_check(const struct so_ort *engine, struct so_problem *problem) {
    const struct so_settings *settings = engine->settings;
    struct so_tensor_spec spec;
    size_t inputs = 0, outputs = 0;
    ort status = engine->api.input_count(engine->session, &inputs);
    if (status == NULL) {
        status = engine->api.output_count(engine->session, &outputs);
    }
    if (status == NULL && (inputs != 1 || outputs != settings->output_count)) {
        return so_fail(problem, SONOEDGE_ERROR_BUNDLE,
                       "the network has %zu inputs and %zu outputs, the manifest names 1 and %u; "
                       "export the bundle again",
                       inputs, outputs, (unsigned)settings->output_count);
    }
    if (status == NULL) {
        status = read_spec(engine, 0, 0, &spec);
        if (status == NULL && !is_same(&spec, &settings->input)) {
            return differs(&spec, problem);
        }
    }
    for (size_t i = 0; status == NULL && i < outputs; i++) {
        status = read_spec(engine, i, 1, &spec);
        if (status == NULL && !is_output(settings, &spec)) {
            return differs(&spec, problem);
        }
    }
    return so_ort_status(&engine->api, status, "told nothing of the network's tensors", problem);
}
