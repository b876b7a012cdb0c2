/* sonoedge_connect, and the calls on the handle that it gives; submit.c has one of them. */
#define _POSIX_C_SOURCE 200809L
#include "client.h"
#include "../common/reasons.h"

#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define DEFAULT_TIMEOUT_MS 5000
#define DEFAULT_MAX_AGE_MS 500
#define LOOK_AGAIN_MS 50          /* while there is no service to wait for */
#define FURTHEST_NS 1000000000    /* no service renews its word for longer than this ahead */

static void wait_for(const struct so_client *client, int64_t until_ns) {
    struct pollfd look = {client->fd, POLLIN, 0};
    int64_t left_ms = (until_ns - sonoedge_now_ns() + 999999) / 1000000;
    if (client->link == SO_DOWN && left_ms > LOOK_AGAIN_MS) {
        left_ms = LOOK_AGAIN_MS;
    }
    (void)poll(&look, 1, left_ms < 0 ? 0 : left_ms > 1000 ? 1000 : (int)left_ms);
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
    result->age_ms = ((double)sonoedge_now_ns() - (double)client->captured_ns) / 1e6;
    result->suspicion = (double)NAN;
    result->reasons = answer->reasons;
    result->reason_count = 1;
    result->detail = answer->detail;
}

static sonoedge_error next(sonoedge *handle, sonoedge_result *result, uint32_t timeout_ms) {
    struct so_client *client = so_client_of(handle);
    int64_t until_ns = sonoedge_now_ns() + (int64_t)timeout_ms * 1000000;
    result->detail = "";
    for (;;) {
        so_client_step(client);
        if (client->lost) {
            client->lost = 0;
            tell_lost(client, result);
            return so_say(client, SONOEDGE_OK, "");
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
            return so_say(client, SONOEDGE_OK, "");
        }
        if (sonoedge_now_ns() >= until_ns) {
            break;
        }
        wait_for(client, until_ns);
    }
    return client->link == SO_UP ? so_say(client, SONOEDGE_ERROR_NOTHING_NEW, "") : so_away(client);
}

static int descriptor(const sonoedge *handle) {
    return so_client_of_const(handle)->fd;
}

static int valid(const sonoedge *handle, int64_t now_ns) {
    const volatile int64_t *page = so_client_of_const(handle)->page;
    int64_t until_ns = page == NULL ? 0 : page[SO_PAGE_VALID_UNTIL];
    /* A time further back than any service reaches ahead is no time of now. */
    return now_ns > 0 && now_ns < until_ns && until_ns - now_ns <= FURTHEST_NS;
}

static sonoedge_error get_status(sonoedge *handle, sonoedge_status *status) {
    struct so_client *client = so_client_of(handle);
    const struct so_about *about = client->about;
    int64_t state;
    so_client_step(client);
    status->submitted = client->submitted;
    status->analysed = client->analysed;
    status->not_analysed = client->not_analysed;
    status->superseded = client->superseded;
    if (client->link != SO_UP) {
        status->reasons = "NOT_CONNECTED";
        return so_away(client);
    }
    state = client->page[SO_PAGE_STATE]; /* once: it may be another one at the next look */
    status->valid_until_ns = client->page[SO_PAGE_VALID_UNTIL];
    status->reasons = about->reasons;
    if (state >= SONOEDGE_STARTING && state <= SONOEDGE_FAULT) {
        status->state = (sonoedge_state)state;
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
    return so_say(client, SONOEDGE_OK, "");
}

static const char *last_message(const sonoedge *handle) {
    return so_client_of_const(handle)->message;
}

static void close_client(sonoedge *handle) {
    struct so_client *client = so_client_of(handle);
    if (client->about != NULL) {
        so_client_drop(client, SONOEDGE_ERROR_NOT_CONNECTED, "closed");
    }
    free(client->incoming);
    free(client->waiting);
    free(client->about);
    free(client->answer);
    free(client);
}

static const struct so_calls CALLS = {so_submit,  next,         descriptor,  valid,
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
            return so_say(client, SONOEDGE_OK, "");
        }
        if (sonoedge_now_ns() >= until_ns ||
            (client->link == SO_DOWN && client->why != SONOEDGE_ERROR_NOT_CONNECTED)) {
            return so_away(client);
        }
        wait_for(client, until_ns);
    }
}
