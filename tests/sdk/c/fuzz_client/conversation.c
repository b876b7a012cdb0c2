/* A whole connection: messages of the input come over a socket, between a host's calls.
 *
 * The input is a row of messages, each behind its length (16 bits); a length of 0 is a frame that
 * the host submits. With the first message come two sealed memories, as with a welcome.
 */
#define _GNU_SOURCE
#include "client/client.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define SLOTS 4
#define SLOT_BYTES 4096

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static sonoedge *handle;
static int fds[2];
static uint8_t pixels[16 * 16];

static void must(int holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "%s\n", what);
        abort();
    }
}

static int memory(size_t bytes) {
    int fd = memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    must(fd >= 0 && ftruncate(fd, (off_t)bytes) == 0 &&
             fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0,
         "no memory");
    return fd;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    sonoedge_options options = {0};
    (void)count, (void)arguments;
    options.timeout_ms = 1;
    must(sonoedge_connect("/nobody", &options, &handle) == SONOEDGE_ERROR_NOT_CONNECTED, "connect");
    fds[0] = memory(SLOTS * SLOT_BYTES);
    fds[1] = memory(SO_PAGE_BYTES);
    return 0;
}

/* What holds after every call, whatever a service says. */
static void look(void) {
    struct so_client *client = so_client_of(handle);
    sonoedge_status status;
    sonoedge_error error = sonoedge_get_status(handle, &status);
    uint64_t under_way = client->seq - client->settled_seq;
    must(client->settled_seq <= client->seq, "a frame was settled before it was sent");
    must(status.submitted == status.analysed + status.not_analysed + status.superseded + under_way,
         "the counters do not add up");
    must((error == SONOEDGE_OK) == (client->link == SO_UP), "a status of no connection");
    must(error == SONOEDGE_OK || status.state == SONOEDGE_UNAVAILABLE, "away, and well");
    (void)sonoedge_valid(handle, sonoedge_now_ns());
}

static uint64_t read_one(uint64_t newest) {
    sonoedge_result result;
    sonoedge_error error = sonoedge_next(handle, &result, 0);
    if (error != SONOEDGE_OK) {
        must(result.outcome == SONOEDGE_NOT_ANALYSED && result.region_count == 0,
             "an error found something");
        return newest;
    }
    must(result.outcome == SONOEDGE_ANALYSED || (result.region_count == 0 && !result.flagged),
         "what was not analysed found something");
    must(result.frame_id > newest && result.frame_id <= so_client_of(handle)->frame_id,
         "a result of no frame that was sent, or of an old one");
    return result.frame_id;
}

static void submit(void) {
    sonoedge_frame frame;
    sonoedge_frame_init(&frame);
    frame.pixels = pixels;
    frame.width = frame.height = 16;
    frame.captured_ns = sonoedge_now_ns();
    (void)sonoedge_submit(handle, &frame, NULL);
}

static void say(int to, const uint8_t *message, size_t bytes, int with_memories) {
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(2 * sizeof(int))];
    } control = {0};
    struct iovec from = {(void *)(uintptr_t)message, bytes};
    struct msghdr about = {0};
    about.msg_iov = &from;
    about.msg_iovlen = 1;
    if (with_memories) {
        struct cmsghdr *head;
        about.msg_control = control.bytes;
        about.msg_controllen = sizeof control.bytes;
        head = CMSG_FIRSTHDR(&about);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(2 * sizeof(int));
        memcpy(CMSG_DATA(head), fds, sizeof fds);
    }
    (void)sendmsg(to, &about, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct so_client *client = so_client_of(handle);
    uint64_t newest = 0;
    int pair[2], first = 1;
    must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0, "no socket");
    client->frame_id = client->submitted = 0;
    client->analysed = client->not_analysed = client->superseded = 0;
    client->fd = pair[0];
    client->link = SO_GREETING;
    client->next_try_ns = INT64_MAX;
    while (size >= 2 && client->fd >= 0) {
        size_t bytes = so_get16(data);
        data += 2, size -= 2;
        bytes = bytes < size ? bytes : size;
        if (bytes == 0) {
            submit();
        } else {
            say(pair[1], data, bytes, first);
            first = 0;
        }
        data += bytes, size -= bytes;
        look();
        newest = read_one(newest);
        look();
    }
    close(pair[1]);
    client->next_try_ns = INT64_MAX;
    while (client->fd >= 0 || client->lost || client->waiting_bytes != 0) {
        newest = read_one(newest); /* what is still there, and the end */
    }
    look();
    return 0;
}
