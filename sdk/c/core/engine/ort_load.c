/* libonnxruntime.so, found and asked for its functions. */
#define _POSIX_C_SOURCE 200809L
#include "ort.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct ort_api_base {
    const void *(*get_api)(uint32_t version);
    const char *(*get_version)(void);
};

/* From a pointer to an object to one to a function, as POSIX lets dlsym do (and C99 does not). */
static void put(void *to, const void *const *table, enum ort_slot slot) {
    memcpy(to, &table[slot], sizeof(void *));
}

static void fill(struct ort_api *api, const void *const *table) {
    put(&api->get_error_message, table, ORT_GET_ERROR_MESSAGE);
    put(&api->create_env, table, ORT_CREATE_ENV);
    put(&api->create_session, table, ORT_CREATE_SESSION_FROM_ARRAY);
    put(&api->run, table, ORT_RUN);
    put(&api->create_options, table, ORT_CREATE_SESSION_OPTIONS);
    put(&api->set_log_severity, table, ORT_SET_SESSION_LOG_SEVERITY_LEVEL);
    put(&api->set_intra_threads, table, ORT_SET_INTRA_OP_NUM_THREADS);
    put(&api->set_inter_threads, table, ORT_SET_INTER_OP_NUM_THREADS);
    put(&api->add_config_entry, table, ORT_ADD_SESSION_CONFIG_ENTRY);
    put(&api->input_count, table, ORT_SESSION_GET_INPUT_COUNT);
    put(&api->output_count, table, ORT_SESSION_GET_OUTPUT_COUNT);
    put(&api->input_type, table, ORT_SESSION_GET_INPUT_TYPE_INFO);
    put(&api->output_type, table, ORT_SESSION_GET_OUTPUT_TYPE_INFO);
    put(&api->input_name, table, ORT_SESSION_GET_INPUT_NAME);
    put(&api->output_name, table, ORT_SESSION_GET_OUTPUT_NAME);
    put(&api->tensor_info, table, ORT_CAST_TYPE_INFO_TO_TENSOR_INFO);
    put(&api->element_type, table, ORT_GET_TENSOR_ELEMENT_TYPE);
    put(&api->rank, table, ORT_GET_DIMENSIONS_COUNT);
    put(&api->shape, table, ORT_GET_DIMENSIONS);
    put(&api->create_memory, table, ORT_CREATE_CPU_MEMORY_INFO);
    put(&api->create_tensor, table, ORT_CREATE_TENSOR_WITH_DATA);
    put(&api->default_allocator, table, ORT_GET_ALLOCATOR_WITH_DEFAULT_OPTIONS);
    put(&api->allocator_free, table, ORT_ALLOCATOR_FREE);
    put(&api->release_env, table, ORT_RELEASE_ENV);
    put(&api->release_status, table, ORT_RELEASE_STATUS);
    put(&api->release_memory, table, ORT_RELEASE_MEMORY_INFO);
    put(&api->release_session, table, ORT_RELEASE_SESSION);
    put(&api->release_value, table, ORT_RELEASE_VALUE);
    put(&api->release_type, table, ORT_RELEASE_TYPE_INFO);
    put(&api->release_options, table, ORT_RELEASE_SESSION_OPTIONS);
}

/* From 1.32 on ONNX Runtime writes a device id and a database below the home folder and looks its
 * collector up, unless this stands in the environment when it is loaded. */
static int without_telemetry(void) {
    const char *now = getenv("ORT_DISABLE_TELEMETRY");
    return now != NULL && strcmp(now, "1") == 0 ? 0 : setenv("ORT_DISABLE_TELEMETRY", "1", 1);
}

/* dlopen takes a name without a slash for one of the system's: here it is a file. */
static void *load(const char *path, const char **fault) {
    char here[PATH_MAX];
    if (path == NULL) {
        return dlopen("libonnxruntime.so.1", RTLD_NOW | RTLD_LOCAL);
    }
    *fault = so_library_file_fault(path);
    if (*fault != NULL) {
        return NULL;
    }
    if (strchr(path, '/') == NULL) {
        so_format(here, sizeof here, "./%s", path);
        path = here;
    }
    return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

sonoedge_error so_ort_load(const char *path, struct ort_api *api, struct so_problem *problem) {
    const struct ort_api_base *(*get_base)(void) = NULL;
    const struct ort_api_base *base;
    const char *fault = NULL;
    const void *table;
    void *library, *symbol;
    if (without_telemetry() != 0) {
        return so_fail(problem, SONOEDGE_ERROR_MEMORY, "no memory for the environment");
    }
    library = load(path, &fault);
    if (fault != NULL) {
        return so_fail(problem, SONOEDGE_ERROR_ENGINE, "ONNX Runtime is not loaded: %s %s", path,
                       fault);
    }
    if (library == NULL) {
        const char *why = dlerror();
        return so_fail(problem, SONOEDGE_ERROR_ENGINE,
                       "ONNX Runtime is not loaded: %s; give the path of libonnxruntime.so in "
                       "options.onnxruntime (the wheel has it as "
                       "onnxruntime/capi/libonnxruntime.so.VERSION)",
                       why == NULL ? "no reason was given" : why);
    }
    symbol = dlsym(library, "OrtGetApiBase");
    memcpy(&get_base, &symbol, sizeof symbol);
    base = symbol == NULL ? NULL : get_base();
    if (base == NULL) {
        dlclose(library);
        return so_fail(problem, SONOEDGE_ERROR_ENGINE,
                       "the library in options.onnxruntime is not ONNX Runtime: it has no "
                       "OrtGetApiBase");
    }
    table = base->get_api(ORT_API_VERSION);
    if (table == NULL) {
        return so_fail(problem, SONOEDGE_ERROR_ENGINE,
                       "ONNX Runtime is version %s; 1.%d or newer is needed",
                       base->get_version(), ORT_API_VERSION);
    }
    fill(api, table);
    return SONOEDGE_OK;
}
