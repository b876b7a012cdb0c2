/* ONNX Runtime's C API, as far as it is called here, without its headers: the wheel has none.
 *
 * OrtApi is a struct of function pointers whose order never changes: a version adds at the end
 * ("Size of version N API cannot change", static_asserts in onnxruntime_c_api.cc). The numbers
 * below count its members in include/onnxruntime/core/session/onnxruntime_c_api.h (v1.21, MIT).
 * All of them came with API versions 1 to 4, so that each later library has them.
 * test_ort_slots.py proves each one against what its function does.
 */
#ifndef SONOEDGE_CORE_ORT_H
#define SONOEDGE_CORE_ORT_H

#include "../core.h"

#include <stddef.h>
#include <stdint.h>

#define ORT_API_VERSION 21 /* that is asked for: the library must be 1.21 or newer */

enum ort_slot {
    ORT_GET_ERROR_MESSAGE = 2,
    ORT_CREATE_ENV = 3,
    ORT_CREATE_SESSION_FROM_ARRAY = 8,
    ORT_RUN = 9,
    ORT_CREATE_SESSION_OPTIONS = 10,
    ORT_SET_SESSION_LOG_SEVERITY_LEVEL = 22,
    ORT_SET_INTRA_OP_NUM_THREADS = 24,
    ORT_SET_INTER_OP_NUM_THREADS = 25,
    ORT_SESSION_GET_INPUT_COUNT = 30,
    ORT_SESSION_GET_OUTPUT_COUNT = 31,
    ORT_SESSION_GET_INPUT_TYPE_INFO = 33,
    ORT_SESSION_GET_OUTPUT_TYPE_INFO = 34,
    ORT_SESSION_GET_INPUT_NAME = 36,
    ORT_SESSION_GET_OUTPUT_NAME = 37,
    ORT_CREATE_TENSOR_WITH_DATA = 49,
    ORT_CAST_TYPE_INFO_TO_TENSOR_INFO = 55,
    ORT_GET_TENSOR_ELEMENT_TYPE = 60,
    ORT_GET_DIMENSIONS_COUNT = 61,
    ORT_GET_DIMENSIONS = 62,
    ORT_CREATE_CPU_MEMORY_INFO = 69,
    ORT_ALLOCATOR_FREE = 76,
    ORT_GET_ALLOCATOR_WITH_DEFAULT_OPTIONS = 78,
    ORT_RELEASE_ENV = 92,
    ORT_RELEASE_STATUS = 93,
    ORT_RELEASE_MEMORY_INFO = 94,
    ORT_RELEASE_SESSION = 95,
    ORT_RELEASE_VALUE = 96,
    ORT_RELEASE_TYPE_INFO = 98,
    ORT_RELEASE_SESSION_OPTIONS = 100,
    ORT_ADD_SESSION_CONFIG_ENTRY = 130
};

/* OrtStatus, OrtEnv, OrtSession, ...: none is looked into. */
typedef void *ort;

/* Of the enums OrtLoggingLevel, OrtAllocatorType, OrtMemType, ONNXTensorElementDataType. */
#define ORT_LOGGING_LEVEL_ERROR 3
#define ORT_ARENA_ALLOCATOR 1
#define ORT_MEM_TYPE_DEFAULT 0
#define ORT_FLOAT 1
#define ORT_UINT8 2
#define ORT_INT32 6
#define ORT_INT64 7
#define ORT_BOOL 9

/* The functions, with their types. */
struct ort_api {
    const char *(*get_error_message)(const void *status);
    ort (*create_env)(int level, const char *name, ort *out);
    ort (*create_session)(ort env, const void *model, size_t bytes, ort options, ort *out);
    ort (*run)(ort session, ort options, const char *const *input_names, const ort *inputs,
               size_t input_count, const char *const *output_names, size_t output_count,
               ort *outputs);
    ort (*create_options)(ort *out);
    ort (*set_log_severity)(ort options, int level);
    ort (*set_intra_threads)(ort options, int threads);
    ort (*set_inter_threads)(ort options, int threads);
    ort (*add_config_entry)(ort options, const char *key, const char *value);
    ort (*input_count)(ort session, size_t *out);
    ort (*output_count)(ort session, size_t *out);
    ort (*input_type)(ort session, size_t index, ort *out);
    ort (*output_type)(ort session, size_t index, ort *out);
    ort (*input_name)(ort session, size_t index, ort allocator, char **out);
    ort (*output_name)(ort session, size_t index, ort allocator, char **out);
    ort (*tensor_info)(ort type, const void **out);
    ort (*element_type)(const void *tensor, int *out);
    ort (*rank)(const void *tensor, size_t *out);
    ort (*shape)(const void *tensor, int64_t *out, size_t count);
    ort (*create_memory)(int allocator, int kind, ort *out);
    ort (*create_tensor)(ort memory, void *data, size_t bytes, const int64_t *shape, size_t rank,
                         int type, ort *out);
    ort (*default_allocator)(ort *out);
    ort (*allocator_free)(ort allocator, void *data);
    void (*release_env)(ort);
    void (*release_status)(ort);
    void (*release_memory)(ort);
    void (*release_session)(ort);
    void (*release_value)(ort);
    void (*release_type)(ort);
    void (*release_options)(ort);
};

/* ort_load.c. Load the library and fill `api`. It stays loaded for as long as the process lives:
 * its threads and its handlers at exit do not survive a dlclose. */
sonoedge_error so_ort_load(const char *path, struct ort_api *api, struct so_problem *problem);
/* library_file.c. Why the dynamic linker must not be given this file; NULL: it may be. */
const char *so_library_file_fault(const char *path);

#endif
