/* The connection: made without waiting, read without waiting, and made again by itself. */
#define _GNU_SOURCE
#include "client.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define TRY_AGAIN_NS 100000000 /* after a service that is not there */
#define REFUSED_NS 1000000000  /* after one that refused */
#define AT_ONCE 64             /* messages of one step: a flood holds no caller */

sonoedge_error so_say(struct so_client *client, sonoedge_error error, const char *text) {
    snprintf(client->message, sizeof client->message, "%s", text);
    return error;
}

sonoedge_error so_away(struct so_client *client) {
    if (client->link == SO_GREETING) {
        return so_say(client, SONOEDGE_ERROR_NOT_CONNECTED, "the service has not answered yet");
    }
    return so_say(client, client->why, client->why_text);
}

void so_client_drop(struct so_client *client, sonoedge_error why, const char *text) {
    int64_t wait_ns = why == SONOEDGE_ERROR_NOT_CONNECTED ? TRY_AGAIN_NS : REFUSED_NS;
    if (client->fd >= 0) {
        close(client->fd);
    }
    if (client->ring != NULL) {
        munmap(client->ring, client->ring_bytes);
    }
    if (client->page != NULL) {
        /* mmap gave it without a qualifier; it is the page's readers that need one. */
        munmap((void *)(uintptr_t)client->page, SO_PAGE_BYTES);
    }
    client->fd = -1;
    client->ring = NULL;
    client->page = NULL;
    if (client->seq > client->settled_seq) {
        /* Frames whose outcome never comes: the newest is told as not analysed. */
        client->superseded += client->seq - client->settled_seq - 1;
        client->not_analysed++;
        client->lost = 1;
        client->waiting_bytes = 0;
    }
    client->seq = client->settled_seq = client->number = client->acknowledged = 0;
    memset(client->about, 0, sizeof *client->about);
    client->link = SO_DOWN;
    client->next_try_ns = sonoedge_now_ns() + wait_ns;
    client->why = why;
    if (text != client->why_text) {
        snprintf(client->why_text, sizeof client->why_text, "%s", text);
    }
}

int so_client_send(struct so_client *client, const uint8_t *message, size_t bytes) {
    ssize_t sent;
    do {
        sent = send(client->fd, message, bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? -1 : 0;
}

static void reach(struct so_client *client) {
    uint8_t hello[SO_HELLO_BYTES + SONOEDGE_MAX_TEXT] = {0};
    size_t length = strlen(client->stream);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    client->fd = fd;
    if (fd < 0 || connect(fd, (const struct sockaddr *)&client->address,
                          (socklen_t)sizeof client->address) != 0) {
        char text[SONOEDGE_MAX_TEXT];
        snprintf(text, sizeof text, "cannot reach the service: %s", strerror(errno));
        so_client_drop(client, SONOEDGE_ERROR_NOT_CONNECTED, text);
        return;
    }
    so_put32(hello, SO_HELLO);
    so_put32(hello + 4, SO_MAGIC);
    so_put16(hello + 8, SO_VERSION);
    so_put16(hello + 10, SO_VERSION);
    so_put16(hello + 12, (uint16_t)length);
    memcpy(hello + SO_HELLO_BYTES, client->stream, length);
    client->link = SO_GREETING;
    /* An error here is seen by the receive that follows, with the service's reason. */
    (void)so_client_send(client, hello, SO_HELLO_BYTES + length);
}

static void refused(struct so_client *client, size_t bytes) {
    const uint8_t *message = client->incoming;
    char sentence[SONOEDGE_MAX_TEXT];
    uint32_t token;
    sonoedge_error why = SONOEDGE_ERROR_REFUSED;
    if (bytes < SO_REFUSED_BYTES || bytes - SO_REFUSED_BYTES != so_get16(message + 8) ||
        so_take_text(sentence, message + SO_REFUSED_BYTES, bytes - SO_REFUSED_BYTES) != 0) {
        so_client_drop(client, SONOEDGE_ERROR_REFUSED, "the service refused, without a reason");
        return;
    }
    token = so_get32(message + 4);
    if (token == SO_REFUSAL_VERSION_UNKNOWN) {
        why = SONOEDGE_ERROR_VERSION;
    } else if (token == SO_REFUSAL_CLOSING) {
        why = SONOEDGE_ERROR_NOT_CONNECTED;
    }
    so_client_drop(client, why, sentence);
}

/* A result: what it settles is counted, and it waits for the host. */
static int keep(struct so_client *client, size_t bytes) {
    uint8_t *message = client->incoming;
    uint64_t seq, number;
    if (so_check_result(message, bytes, client->about->label_count) != 0) {
        return -1;
    }
    number = so_get64(message + 8);
    seq = so_get64(message + 24);
    if (number <= client->number || seq <= client->settled_seq || seq > client->seq ||
        so_get64(message + 16) != client->frame_id - (client->seq - seq)) {
        return -1;
    }
    client->number = number;
    client->superseded += seq - client->settled_seq - 1;
    client->settled_seq = seq;
    if (so_get32(message + 4) & SO_RESULT_ANALYSED) {
        client->analysed++;
    } else {
        client->not_analysed++;
    }
    client->incoming = client->waiting;
    client->waiting = message;
    client->waiting_bytes = bytes;
    client->lost = 0; /* a newer outcome than that of the frames that were lost */
    return 0;
}

static int take(struct so_client *client, size_t bytes, const int *fds, int count) {
    uint32_t kind = bytes < 4 ? 0 : so_get32(client->incoming);
    if (kind == SO_REFUSED) {
        refused(client, bytes);
        return 0;
    }
    if (client->link == SO_GREETING) {
        if (so_welcome_of_another_version(client->incoming, bytes)) {
            so_client_drop(client, SONOEDGE_ERROR_VERSION,
                           "the service answers in a version that was not asked for");
            return 0;
        }
        if (kind != SO_WELCOME || so_client_welcome(client, bytes, fds, count) != 0) {
            return -1;
        }
        client->link = SO_UP;
        return 0;
    }
    if (kind == SO_RESULT) {
        return keep(client, bytes);
    }
    if (kind != SO_STATE || so_read_state(client->about, client->incoming, bytes) != 0 ||
        so_get64(client->incoming + 8) <= client->number) {
        return -1;
    }
    client->number = so_get64(client->incoming + 8);
    return 0;
}

/* One message; 0 where there is none at the moment. */
static int receive(struct so_client *client) {
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(2 * sizeof(int))];
    } control;
    struct iovec into = {client->incoming, SO_MAX_MESSAGE};
    struct msghdr about = {0};
    int fds[2], count = 0, bad;
    ssize_t bytes = -1;
    about.msg_iov = &into;
    about.msg_iovlen = 1;
    for (int attempt = 0; attempt < 3 && bytes < 0; attempt++) {
        about.msg_control = control.bytes;
        about.msg_controllen = sizeof control.bytes;
        bytes = recvmsg(client->fd, &about, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        /* ECONNRESET is told once; what the service said before it is there still. */
        if (bytes < 0 && errno != EINTR && errno != ECONNRESET) {
            break;
        }
    }
    if (bytes < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
        return 0;
    }
    /* An end, or nothing at all: what came with it is not kept open either. */
    for (struct cmsghdr *each = bytes < 0 ? NULL : CMSG_FIRSTHDR(&about);
         each != NULL; each = CMSG_NXTHDR(&about, each)) {
        if (each->cmsg_level == SOL_SOCKET && each->cmsg_type == SCM_RIGHTS) {
            size_t given = (each->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            for (size_t i = 0; i < given && count < 2; i++) {
                memcpy(&fds[count++], CMSG_DATA(each) + i * sizeof(int), sizeof(int));
            }
        }
    }
    bad = bytes > 0 && ((about.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 ||
                        take(client, (size_t)bytes, fds, count) != 0);
    while (count > 0) {
        close(fds[--count]); /* a mapping outlives its descriptor */
    }
    if (bytes <= 0) {
        so_client_drop(client, SONOEDGE_ERROR_NOT_CONNECTED, "the service has gone");
    } else if (bad) {
        so_client_drop(client, SONOEDGE_ERROR_REFUSED,
                       "the service sent what is no message of this protocol");
    }
    return client->link != SO_DOWN;
}

void so_client_step(struct so_client *client) {
    uint8_t ack[SO_ACK_BYTES] = {0};
    if (client->link == SO_DOWN && sonoedge_now_ns() >= client->next_try_ns) {
        reach(client);
    }
    for (int i = 0; i < AT_ONCE && client->link != SO_DOWN; i++) {
        if (receive(client) == 0) {
            break;
        }
    }
    if (client->link == SO_UP && client->number > client->acknowledged) {
        so_put32(ack, SO_ACK);
        so_put64(ack + 8, client->number);
        if (so_client_send(client, ack, sizeof ack) == 0) {
            client->acknowledged = client->number;
        }
    }
}
