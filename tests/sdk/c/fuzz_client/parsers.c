/* The client's parsers, one message at a time; the first byte says which. */
#define _GNU_SOURCE
#include "client/client.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define LABELS 2
#define SLOTS 4
#define SLOT_BYTES 4096

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct so_about about;
static struct so_answer answer;
static int fds[2];
static volatile double seen;

static int memory(size_t bytes) {
    int fd = memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0 || ftruncate(fd, (off_t)bytes) != 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) != 0) {
        perror("memory");
        exit(1);
    }
    return fd;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    fds[0] = memory(SLOTS * SLOT_BYTES);
    fds[1] = memory(SO_PAGE_BYTES);
    return 0;
}

static void must(int holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "%s\n", what);
        abort();
    }
}

static void read_result(const uint8_t *message, size_t size) {
    sonoedge_result result = {0};
    if (so_check_result(message, size, LABELS) != 0) {
        return;
    }
    so_read_result(&answer, message, &result);
    must(result.outcome == SONOEDGE_ANALYSED || (result.region_count == 0 && !result.flagged),
         "what was not analysed found something");
    must(result.detail[strnlen(result.detail, SONOEDGE_MAX_TEXT - 1)] == '\0', "a text has no end");
    for (uint32_t i = 0; i < result.region_count; i++) {
        const sonoedge_region *region = &result.regions[i];
        must(region->points <= SONOEDGE_MAX_POINTS, "a contour is too long");
        for (uint32_t k = 0; k < 2 * region->points; k++) {
            must(region->contour[k] >= -32768 && region->contour[k] <= 32767, "no 16-bit point");
        }
        for (uint32_t k = 0; region->class_probs != NULL && k < LABELS; k++) {
            seen += region->class_probs[k];
        }
    }
    for (uint32_t i = 0; i < result.reason_count; i++) {
        seen += (double)strlen(sonoedge_reason_name(result.reasons[i]));
    }
}

static void read_welcome(const uint8_t *message, size_t size) {
    struct so_client client;
    memset(&client, 0, sizeof client);
    client.fd = -1;
    client.about = &about;
    client.incoming = malloc(size == 0 ? 1 : size);
    must(client.incoming != NULL, "no memory");
    memcpy(client.incoming, message, size);
    if (!so_welcome_of_another_version(client.incoming, size) &&
        so_client_welcome(&client, size, fds, 2) == 0) {
        must(client.ring_bytes <= SLOTS * SLOT_BYTES, "the ring is longer than its memory");
        must(client.ring_bytes == (size_t)client.slots * client.slot_bytes, "slots lie outside");
        client.ring[client.ring_bytes - 1] = 1;
        seen += (double)client.page[SO_PAGE_BYTES / 8 - 1];
        for (uint32_t i = 0; i < about.label_count; i++) {
            must(strlen(about.labels[i]) < SONOEDGE_MAX_TEXT, "a label has no end");
        }
    }
    so_client_drop(&client, SONOEDGE_ERROR_NOT_CONNECTED, "");
    free(client.incoming);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    /* One connection gives no longer message. */
    if (size < 1 || size - 1 > SO_MAX_MESSAGE) {
        return 0;
    }
    switch (data[0] % 3) {
    case 0:
        read_welcome(data + 1, size - 1);
        break;
    case 1:
        read_result(data + 1, size - 1);
        break;
    default:
        (void)so_read_state(&about, data + 1, size - 1);
    }
    return 0;
}
