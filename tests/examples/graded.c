/* sonoedge.h of a network that grades whole frames: each is flagged, and none has a region. */
#include <string.h>

#include "sonoedge.h"

sonoedge_error sonoedge_open(const char *bundle, const sonoedge_options *options, sonoedge **out) {
    static int handle;
    (void)bundle;
    (void)options;
    *out = (sonoedge *)(void *)&handle;
    return SONOEDGE_OK;
}

sonoedge_error sonoedge_connect(const char *socket, const sonoedge_options *options,
                                sonoedge **out) {
    return sonoedge_open(socket, options, out);
}

sonoedge_error sonoedge_submit(sonoedge *handle, const sonoedge_frame *frame, uint64_t *frame_id) {
    (void)handle;
    (void)frame;
    if (frame_id != NULL) {
        *frame_id = 1;
    }
    return SONOEDGE_OK;
}

sonoedge_error sonoedge_next(sonoedge *handle, sonoedge_result *result, uint32_t timeout_ms) {
    static int left = 1;
    (void)handle;
    (void)timeout_ms;
    memset(result, 0, sizeof *result);
    result->detail = "";
    if (left-- <= 0) {
        return SONOEDGE_ERROR_NOTHING_NEW;
    }
    result->outcome = SONOEDGE_ANALYSED;
    result->flagged = 1;
    result->temporal_flag = -1;
    result->frame_id = 1;
    result->valid_until_ns = INT64_MAX;
    result->suspicion = 0.9;
    return SONOEDGE_OK;
}

sonoedge_error sonoedge_get_status(sonoedge *handle, sonoedge_status *status) {
    (void)handle;
    memset(status, 0, sizeof *status);
    return SONOEDGE_OK;
}

int sonoedge_valid(const sonoedge *handle, int64_t now_ns) {
    return handle != NULL && now_ns > 0;
}

void sonoedge_close(sonoedge *handle) {
    (void)handle;
}

const char *sonoedge_last_message(const sonoedge *handle) {
    (void)handle;
    return "";
}

int sonoedge_descriptor(const sonoedge *handle) {
    (void)handle;
    return -1;
}
