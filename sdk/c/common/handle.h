/* What every handle begins with: the calls of the implementation that made it.
 *
 * An implementation's own struct has `struct sonoedge` as its first member, so that one library
 * can hold the service's client and the native core beside each other.
 */
#ifndef SONOEDGE_COMMON_HANDLE_H
#define SONOEDGE_COMMON_HANDLE_H

#include "../sonoedge.h"

struct so_calls {
    sonoedge_error (*submit)(sonoedge *handle, const sonoedge_frame *frame, uint64_t *frame_id);
    sonoedge_error (*next)(sonoedge *handle, sonoedge_result *result, uint32_t timeout_ms);
    int (*descriptor)(const sonoedge *handle);
    int (*valid)(const sonoedge *handle, int64_t now_ns);
    sonoedge_error (*get_status)(sonoedge *handle, sonoedge_status *status);
    const char *(*last_message)(const sonoedge *handle);
    void (*close)(sonoedge *handle);
};

struct sonoedge {
    const struct so_calls *calls;
};

/* Why a frame cannot be one, as a sentence; NULL where it can. Nothing of its picture is read. */
const char *so_frame_fault(const sonoedge_frame *frame);
/* Bytes of a pixel as the caller holds it; 0 for a format that there is not. */
uint32_t so_pixel_bytes(sonoedge_format format);

#endif
