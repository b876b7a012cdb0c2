/* sonoedge_connect, and the calls on the handle that it gives. */
#define _POSIX_C_SOURCE 200809L
#include "client.h"
#include "../common/reasons.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define DEFAULT_TIMEOUT_MS 5000
#define DEFAULT_MAX_AGE_MS 500
#define LOOK_AGAIN_MS 50          /* while there is no service to wait for */
#define FURTHEST_NS 1000000000    /* no service renews its word for longer than this ahead */

static struct so_client *of(sonoedge *handle) {
    return (struct so_client *)(void *)handle;
}

static const struct so_client *of_const(const sonoedge *handle) {
    return (const struct so_client *)(const void *)handle;
}

static sonoedge_error say(struct so_client *client, sonoedge_error error, const char *text) {
    snprintf(client->message, sizeof client->message, "%s", text);
    return error;
}

/* Why there is no service, as an error and a sentence. */
static sonoedge_error away(struct so_client *client) {
    if (client->link == SO_GREETING) {
        return say(client, SONOEDGE_ERROR_NOT_CONNECTED, "the service has not answered yet");
    }
    return say(client, client->why, client->why_text);
}

static void wait_for(const struct so_client *client, int64_t until_ns) {
    struct pollfd look = {client->fd, POLLIN, 0};
    int64_t left_ms = (until_ns - sonoedge_now_ns() + 999999) / 1000000;
    if (client->link == SO_DOWN && left_ms > LOOK_AGAIN_MS) {
        left_ms = LOOK_AGAIN_MS;
    }
    (void)poll(&look, 1, left_ms < 0 ? 0 : left_ms > 1000 ? 1000 : (int)left_ms);
}

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

static sonoedge_error submit(sonoedge *handle, const sonoedge_frame *frame, uint64_t *frame_id) {
    struct so_client *client = of(handle);
    uint8_t message[SO_FRAME_BYTES + 2 * SONOEDGE_MAX_TEXT];
    const char *fault = so_frame_fault(frame);
    size_t bytes, channels;
    if (fault != NULL) {
        return say(client, SONOEDGE_ERROR_ARGUMENT, fault);
    }
    so_client_step(client);
    if (client->link != SO_UP) {
        return away(client);
    }
    channels = frame->format == SONOEDGE_GREY8 ? 1 : 3;
    if ((uint64_t)frame->width * frame->height * channels > client->slot_bytes) {
        return say(client, SONOEDGE_ERROR_FRAME_TOO_LARGE,
                   "a frame has more bytes than the service has room for");
    }
    if (client->seq >= client->slots &&
        client->page[SO_PAGE_TAKEN] < (int64_t)(client->seq + 1 - client->slots)) {
        return say(client, SONOEDGE_ERROR_NOT_CONNECTED, "the service takes no frames");
    }
    __sync_synchronize(); /* the slot is written after its word was read */
    lay(client->ring + (size_t)(client->seq % client->slots) * client->slot_bytes, frame, channels);
    bytes = frame_message(client, frame, message);
    if (so_client_send(client, message, bytes) != 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return say(client, SONOEDGE_ERROR_NOT_CONNECTED, "the service takes no frames");
        }
        so_client_step(client); /* it may have said why */
        if (client->link == SO_UP) {
            so_client_drop(client, SONOEDGE_ERROR_NOT_CONNECTED, "the service has gone");
        }
        return away(client);
    }
    client->acknowledged = client->number;
    client->seq++;
    client->submitted++;
    client->frame_id++;
    client->captured_ns = frame->captured_ns;
    if (frame_id != NULL) {
        *frame_id = client->frame_id;
    }
    return say(client, SONOEDGE_OK, "");
}

/* The outcome of frames that went down with the connection. */
static void tell_lost(struct so_client *client, sonoedge_result *result) {
    struct so_answer *answer = client->answer;
    answer->reasons[0] = SO_REASON_UNAVAILABLE;
    snprintf(answer->detail, sizeof answer->detail, "the connection to the service was lost");
    result->temporal_flag = -1;
    result->frame_id = client->frame_id;
    result->captured_ns = client->captured_ns;
    result->valid_until_ns = client->captured_ns;
    result->age_ms = (double)(sonoedge_now_ns() - client->captured_ns) / 1e6;
    result->suspicion = (double)NAN;
    result->reasons = answer->reasons;
    result->reason_count = 1;
    result->detail = answer->detail;
}

static sonoedge_error next(sonoedge *handle, sonoedge_result *result, uint32_t timeout_ms) {
    struct so_client *client = of(handle);
    int64_t until_ns = sonoedge_now_ns() + (int64_t)timeout_ms * 1000000;
    result->detail = "";
    for (;;) {
        so_client_step(client);
        if (client->lost) {
            client->lost = 0;
            tell_lost(client, result);
            return say(client, SONOEDGE_OK, "");
        }
        if (client->waiting_bytes != 0) {
            int64_t oldest;
            client->waiting_bytes = 0;
            so_read_result(client->answer, client->waiting, result);
            oldest = result->captured_ns > INT64_MAX - client->max_age_ns
                         ? INT64_MAX
                         : result->captured_ns + client->max_age_ns;
            if (result->valid_until_ns > oldest) {
                result->valid_until_ns = oldest;
            }
            return say(client, SONOEDGE_OK, "");
        }
        if (sonoedge_now_ns() >= until_ns) {
            break;
        }
        wait_for(client, until_ns);
    }
    return client->link == SO_UP ? say(client, SONOEDGE_ERROR_NOTHING_NEW, "") : away(client);
}

static int descriptor(const sonoedge *handle) {
    return of_const(handle)->fd;
}

static int valid(const sonoedge *handle, int64_t now_ns) {
    const volatile int64_t *page = of_const(handle)->page;
    int64_t until_ns = page == NULL ? 0 : page[SO_PAGE_VALID_UNTIL];
    /* A time further back than any service reaches ahead is no time of now. */
    return now_ns > 0 && now_ns < until_ns && until_ns - now_ns <= FURTHEST_NS;
}

static sonoedge_error get_status(sonoedge *handle, sonoedge_status *status) {
    struct so_client *client = of(handle);
    const struct so_about *about = client->about;
    so_client_step(client);
    status->submitted = client->submitted;
    status->analysed = client->analysed;
    status->not_analysed = client->not_analysed;
    status->superseded = client->superseded;
    if (client->link != SO_UP) {
        status->reasons = "NOT_CONNECTED";
        return away(client);
    }
    status->valid_until_ns = client->page[SO_PAGE_VALID_UNTIL];
    status->reasons = about->reasons;
    if (client->page[SO_PAGE_STATE] >= SONOEDGE_STARTING &&
        client->page[SO_PAGE_STATE] <= SONOEDGE_FAULT) {
        status->state = (sonoedge_state)client->page[SO_PAGE_STATE];
    }
    if ((status->state == SONOEDGE_READY || status->state == SONOEDGE_DEGRADED) &&
        !valid(handle, sonoedge_now_ns())) {
        /* The word that says so is old: the service hangs, or was stopped. */
        status->state = SONOEDGE_UNAVAILABLE;
        status->reasons = "SERVICE_SILENT";
    }
    status->bundle_id = about->bundle_id;
    status->runtime = about->runtime;
    status->precision = about->precision;
    status->variant = about->variant;
    status->labels = about->labels;
    status->label_count = about->label_count;
    status->flag_threshold = about->flag_threshold;
    return say(client, SONOEDGE_OK, "");
}

static const char *last_message(const sonoedge *handle) {
    return of_const(handle)->message;
}

static void close_client(sonoedge *handle) {
    struct so_client *client = of(handle);
    if (client->about != NULL) {
        so_client_drop(client, SONOEDGE_ERROR_NOT_CONNECTED, "closed");
    }
    free(client->incoming);
    free(client->waiting);
    free(client->about);
    free(client->answer);
    free(client);
}

static const struct so_calls CALLS = {submit,     next,         descriptor,  valid,
                                      get_status, last_message, close_client};

static struct so_client *make(void) {
    struct so_client *client = calloc(1, sizeof *client);
    if (client == NULL) {
        return NULL;
    }
    client->base.calls = &CALLS;
    client->fd = -1;
    client->incoming = malloc(SO_MAX_MESSAGE);
    client->waiting = malloc(SO_MAX_MESSAGE);
    client->about = calloc(1, sizeof *client->about);
    client->answer = calloc(1, sizeof *client->answer);
    if (client->incoming == NULL || client->waiting == NULL || client->about == NULL ||
        client->answer == NULL) {
        close_client(&client->base);
        return NULL;
    }
    return client;
}

sonoedge_error sonoedge_connect(const char *socket, const sonoedge_options *options,
                                sonoedge **out) {
    static const sonoedge_options defaults;
    struct so_client *client;
    int64_t until_ns;
    if (out == NULL) {
        return SONOEDGE_ERROR_ARGUMENT;
    }
    *out = NULL;
    options = options == NULL ? &defaults : options;
    if (socket == NULL || socket[0] == '\0' ||
        strlen(socket) >= sizeof client->address.sun_path ||
        (options->stream != NULL && strlen(options->stream) >= SONOEDGE_MAX_TEXT)) {
        return SONOEDGE_ERROR_ARGUMENT;
    }
    client = make();
    if (client == NULL) {
        return SONOEDGE_ERROR_MEMORY;
    }
    client->address.sun_family = AF_UNIX;
    memcpy(client->address.sun_path, socket, strlen(socket) + 1);
    if (options->stream != NULL) {
        memcpy(client->stream, options->stream, strlen(options->stream) + 1);
    }
    client->max_age_ns =
        (int64_t)(options->max_age_ms != 0 ? options->max_age_ms : DEFAULT_MAX_AGE_MS) * 1000000;
    until_ns = sonoedge_now_ns() +
               (int64_t)(options->timeout_ms != 0 ? options->timeout_ms : DEFAULT_TIMEOUT_MS) *
                   1000000;
    *out = &client->base;
    for (;;) {
        so_client_step(client);
        if (client->link == SO_UP) {
            return say(client, SONOEDGE_OK, "");
        }
        if (sonoedge_now_ns() >= until_ns ||
            (client->link == SO_DOWN && client->why != SONOEDGE_ERROR_NOT_CONNECTED)) {
            return away(client);
        }
        wait_for(client, until_ns);
    }
}
