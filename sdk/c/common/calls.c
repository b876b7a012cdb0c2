/* The public calls on a handle: each goes to the implementation that made it. */
#include "handle.h"

sonoedge_error sonoedge_submit(sonoedge *handle, const sonoedge_frame *frame, uint64_t *frame_id) {
    if (handle == NULL || frame == NULL) {
        return SONOEDGE_ERROR_ARGUMENT;
    }
    return handle->calls->submit(handle, frame, frame_id);
}

sonoedge_error sonoedge_next(sonoedge *handle, sonoedge_result *result, uint32_t timeout_ms) {
    static const sonoedge_result nothing;
    if (result != NULL) {
        *result = nothing; /* NOT_ANALYSED: what an error leaves behind is no finding */
    }
    if (handle == NULL || result == NULL) {
        return SONOEDGE_ERROR_ARGUMENT;
    }
    return handle->calls->next(handle, result, timeout_ms);
}

int sonoedge_descriptor(const sonoedge *handle) {
    return handle == NULL ? -1 : handle->calls->descriptor(handle);
}

int sonoedge_valid(const sonoedge *handle, int64_t now_ns) {
    return handle == NULL ? 0 : handle->calls->valid(handle, now_ns);
}

sonoedge_error sonoedge_get_status(sonoedge *handle, sonoedge_status *status) {
    static const sonoedge_status nothing;
    if (status != NULL) {
        *status = nothing;
        status->reasons = status->bundle_id = status->runtime = "";
        status->precision = status->variant = "";
    }
    if (handle == NULL || status == NULL) {
        return SONOEDGE_ERROR_ARGUMENT;
    }
    return handle->calls->get_status(handle, status);
}

const char *sonoedge_last_message(const sonoedge *handle) {
    return handle == NULL ? "" : handle->calls->last_message(handle);
}

void sonoedge_close(sonoedge *handle) {
    if (handle != NULL) {
        handle->calls->close(handle);
    }
}
