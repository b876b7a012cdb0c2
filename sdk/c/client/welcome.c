/* The service's welcome: its labels, and the two memories that come with it. */
#define _GNU_SOURCE
#include "client.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#ifndef F_GET_SEALS
#define F_GET_SEALS 1034
#endif
#define SEAL_SHRINK 2

/* Memory that cannot shrink under us, and is as long as it is said to be. */
static void *map_sealed(int fd, size_t bytes, int protection) {
    struct stat about;
    void *memory;
    int seals = fcntl(fd, F_GET_SEALS);
    if (seals < 0 || (seals & SEAL_SHRINK) == 0 || fstat(fd, &about) != 0 || about.st_size < 0 ||
        (uintmax_t)about.st_size < bytes) {
        return NULL;
    }
    memory = mmap(NULL, bytes, protection, MAP_SHARED, fd, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static int read_labels(struct so_about *about, const uint8_t *message, size_t bytes) {
    size_t at = SO_WELCOME_BYTES;
    uint32_t count = so_get16(message + 10);
    if (count > SONOEDGE_MAX_LABELS) {
        return -1;
    }
    for (uint32_t i = 0; i < count; i++) {
        size_t length;
        if (bytes - at < 2) {
            return -1;
        }
        length = so_get16(message + at);
        at += 2;
        if (length > bytes - at || so_take_text(about->label_texts[i], message + at, length) != 0) {
            return -1;
        }
        about->labels[i] = about->label_texts[i];
        at += length;
    }
    about->label_count = count;
    about->flag_threshold = so_get_double(message + 24);
    return at == bytes ? 0 : -1;
}

int so_welcome_of_another_version(const uint8_t *message, size_t bytes) {
    return bytes >= SO_WELCOME_BYTES && so_get32(message) == SO_WELCOME &&
           so_get32(message + 4) == SO_MAGIC && so_get16(message + 8) != SO_VERSION;
}

int so_client_welcome(struct so_client *client, size_t bytes, const int *fds, int count) {
    const uint8_t *message = client->incoming;
    uint32_t slots, slot_bytes;
    if (bytes < SO_WELCOME_BYTES || count != 2 || so_get32(message + 4) != SO_MAGIC ||
        so_get16(message + 8) != SO_VERSION || read_labels(client->about, message, bytes) != 0) {
        return -1;
    }
    slots = so_get32(message + 12);
    slot_bytes = so_get32(message + 16);
    if (slots < 1 || slots > SO_MAX_SLOTS || slot_bytes < 1 || slot_bytes > SO_MAX_SLOT_BYTES) {
        return -1;
    }
#if SIZE_MAX <= 0xFFFFFFFFu
    if (slot_bytes > SIZE_MAX / slots) {
        return -1;
    }
#endif
    client->slots = slots;
    client->slot_bytes = slot_bytes;
    client->ring_bytes = (size_t)slots * slot_bytes;
    client->ring = map_sealed(fds[0], client->ring_bytes, PROT_READ | PROT_WRITE);
    client->page = map_sealed(fds[1], SO_PAGE_BYTES, PROT_READ);
    /* What was mapped of the two is unmapped by the drop that follows an error. */
    return client->ring == NULL || client->page == NULL ? -1 : 0;
}
