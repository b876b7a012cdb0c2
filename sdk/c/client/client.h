/* A handle that reaches the service, and what its files do for each other. */
#ifndef SONOEDGE_CLIENT_CLIENT_H
#define SONOEDGE_CLIENT_CLIENT_H

#include "../common/handle.h"
#include "wire.h"

#include <sys/un.h>

enum so_link { SO_DOWN, SO_GREETING, SO_UP };

/* What the service says of itself; empty while it is away. */
struct so_about {
    char reasons[SONOEDGE_MAX_TEXT];
    char bundle_id[SONOEDGE_MAX_TEXT];
    char runtime[SONOEDGE_MAX_TEXT];
    char precision[SONOEDGE_MAX_TEXT];
    char variant[SONOEDGE_MAX_TEXT];
    char label_texts[SONOEDGE_MAX_LABELS][SONOEDGE_MAX_TEXT];
    const char *labels[SONOEDGE_MAX_LABELS];
    uint32_t label_count;
    double flag_threshold;
};

/* What a result points to. */
struct so_answer {
    sonoedge_region regions[SONOEDGE_MAX_REGIONS];
    double class_probs[(SONOEDGE_MAX_REGIONS + 1) * SONOEDGE_MAX_LABELS];
    int32_t points[SO_MAX_MESSAGE / 2];
    int32_t reasons[SONOEDGE_MAX_REASONS];
    char detail[SONOEDGE_MAX_TEXT];
};

struct so_client {
    struct sonoedge base; /* first: a handle is one of these */
    struct sockaddr_un address;
    char stream[SONOEDGE_MAX_TEXT];
    int64_t max_age_ns;

    enum so_link link;
    int fd; /* -1 while down */
    int64_t next_try_ns;
    sonoedge_error why; /* of being down: NOT_CONNECTED, REFUSED, VERSION, ... */
    char why_text[SONOEDGE_MAX_TEXT + 64];
    char message[SONOEDGE_MAX_TEXT + 64];

    uint8_t *ring;
    size_t ring_bytes;
    uint32_t slots;
    uint32_t slot_bytes;
    const volatile int64_t *page;

    uint64_t seq;          /* of this connection's last frame */
    uint64_t settled_seq;  /* up to here every frame has its outcome */
    uint64_t number;       /* highest number that was read */
    uint64_t acknowledged; /* highest one that the service was told */

    uint64_t frame_id; /* of this handle's last frame */
    int64_t captured_ns;
    uint64_t submitted, analysed, not_analysed, superseded;

    size_t waiting_bytes; /* of `waiting`, a result that the host has not read; 0: none */
    int lost;             /* frames went down with the connection, and the host was not told */
    uint8_t *incoming, *waiting; /* SO_MAX_MESSAGE each */
    struct so_about *about;
    struct so_answer *answer;
};

static inline struct so_client *so_client_of(sonoedge *handle) {
    return (struct so_client *)(void *)handle;
}

static inline const struct so_client *so_client_of_const(const sonoedge *handle) {
    return (const struct so_client *)(const void *)handle;
}

/* submit.c: see so_calls. */
sonoedge_error so_submit(sonoedge *handle, const sonoedge_frame *frame, uint64_t *frame_id);

/* connection.c: none of these waits. */
void so_client_step(struct so_client *client); /* reconnect, receive, acknowledge */
void so_client_drop(struct so_client *client, sonoedge_error why, const char *text);
int so_client_send(struct so_client *client, const uint8_t *message, size_t bytes);
/* The error, with its sentence for sonoedge_last_message. */
sonoedge_error so_say(struct so_client *client, sonoedge_error error, const char *text);
/* Why there is no service, as an error and a sentence. */
sonoedge_error so_away(struct so_client *client);

/* welcome.c: 0, or -1 for a welcome that cannot be. The descriptors stay the caller's. */
int so_client_welcome(struct so_client *client, size_t bytes, const int *fds, int count);
int so_welcome_of_another_version(const uint8_t *message, size_t bytes);

/* messages.c: 0, or -1 for a message that cannot be. */
int so_read_state(struct so_about *about, const uint8_t *message, size_t bytes);
int so_check_result(const uint8_t *message, size_t bytes, uint32_t labels);
void so_read_result(struct so_answer *answer, const uint8_t *message, sonoedge_result *result);
int so_take_text(char *to, const uint8_t *from, size_t bytes);

#endif
