/* A frame's way to the service: into a slot of the ring, then its message. */
#include "client.h"

#include <errno.h>

/* Pixels with rows that touch; the fourth byte of a pixel has no place in the ring. */
static void lay(uint8_t *to, const sonoedge_frame *frame, size_t channels) {
    size_t step = so_pixel_bytes(frame->format);
    size_t stride = frame->stride != 0 ? frame->stride : frame->width * step;
    for (size_t y = 0; y < frame->height; y++) {
        const uint8_t *row = frame->pixels + y * stride;
        if (step == channels) {
            memcpy(to, row, frame->width * step);
            to += frame->width * step;
            continue;
        }
        for (size_t x = 0; x < frame->width; x++, row += step, to += channels) {
            memcpy(to, row, channels);
        }
    }
}

static size_t frame_message(struct so_client *client, const sonoedge_frame *frame, uint8_t *to) {
    uint64_t seq = client->seq + 1;
    size_t probe = frame->probe == NULL ? 0 : strlen(frame->probe);
    size_t preset = frame->preset == NULL ? 0 : strlen(frame->preset);
    memset(to, 0, SO_FRAME_BYTES);
    so_put32(to, SO_FRAME);
    so_put32(to + 4, (uint32_t)((seq - 1) % client->slots));
    so_put64(to + 8, seq);
    so_put64(to + 16, client->frame_id + 1);
    so_put64(to + 24, client->number);
    so_put64(to + 32, (uint64_t)frame->captured_ns);
    so_put32(to + 40, frame->width);
    so_put32(to + 44, frame->height);
    so_put32(to + 48, frame->format == SONOEDGE_GREY8 ? 1 : 2);
    so_put32(to + 52, frame->flags);
    so_put_double(to + 56, frame->spacing_row_mm);
    so_put_double(to + 64, frame->spacing_column_mm);
    so_put_double(to + 72, frame->pixel_aspect);
    so_put_double(to + 80, frame->depth_mm);
    so_put_double(to + 88, frame->gain_db);
    for (size_t i = 0; i < 4; i++) {
        so_put32(to + 96 + 4 * i, (uint32_t)frame->roi[i]);
    }
    so_put16(to + 112, (uint16_t)probe);
    so_put16(to + 114, (uint16_t)preset);
    if (probe != 0) {
        memcpy(to + SO_FRAME_BYTES, frame->probe, probe);
    }
    if (preset != 0) {
        memcpy(to + SO_FRAME_BYTES + probe, frame->preset, preset);
    }
    return SO_FRAME_BYTES + probe + preset;
}

sonoedge_error so_submit(sonoedge *handle, const sonoedge_frame *frame, uint64_t *frame_id) {
    struct so_client *client = so_client_of(handle);
    uint8_t message[SO_FRAME_BYTES + 2 * SONOEDGE_MAX_TEXT];
    const char *fault = so_frame_fault(frame);
    size_t bytes, channels;
    if (fault != NULL) {
        return so_say(client, SONOEDGE_ERROR_ARGUMENT, fault);
    }
    so_client_step(client);
    if (client->link != SO_UP) {
        return so_away(client);
    }
    channels = frame->format == SONOEDGE_GREY8 ? 1 : 3;
    if ((uint64_t)frame->width * frame->height * channels > client->slot_bytes) {
        return so_say(client, SONOEDGE_ERROR_FRAME_TOO_LARGE,
                      "a frame has more bytes than the service has room for");
    }
    if (client->seq >= client->slots &&
        client->page[SO_PAGE_TAKEN] < (int64_t)(client->seq + 1 - client->slots)) {
        return so_say(client, SONOEDGE_ERROR_NOT_CONNECTED, "the service takes no frames");
    }
    __sync_synchronize(); /* the slot is written after its word was read */
    lay(client->ring + (size_t)(client->seq % client->slots) * client->slot_bytes, frame, channels);
    bytes = frame_message(client, frame, message);
    if (so_client_send(client, message, bytes) != 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return so_say(client, SONOEDGE_ERROR_NOT_CONNECTED, "the service takes no frames");
        }
        so_client_step(client); /* it may have said why */
        if (client->link == SO_UP) {
            so_client_drop(client, SONOEDGE_ERROR_NOT_CONNECTED, "the service has gone");
        }
        return so_away(client);
    }
    client->acknowledged = client->number;
    client->seq++;
    client->submitted++;
    client->frame_id++;
    client->captured_ns = frame->captured_ns;
    if (frame_id != NULL) {
        *frame_id = client->frame_id;
    }
    return so_say(client, SONOEDGE_OK, "");
}
