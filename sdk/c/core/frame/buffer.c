/* Buffers that grow and stay. */
#include "picture.h"

#include <stdlib.h>
#include <string.h>

int so_buffer_hold(struct so_buffer *buffer, size_t count, size_t size, size_t kept) {
    size_t wanted;
    if (size != 0 && count > SIZE_MAX / 2 / size) {
        return -1;
    }
    wanted = count * size;
    if (wanted <= buffer->room) {
        return 0;
    }
    if (kept != 0 && wanted < buffer->room + buffer->room / 2) {
        wanted = buffer->room + buffer->room / 2; /* one that is added to grows seldom */
    }
    void *larger = malloc(wanted);
    if (larger == NULL) {
        return -1;
    }
    if (kept != 0 && buffer->bytes != NULL) {
        memcpy(larger, buffer->bytes, kept);
    }
    free(buffer->bytes);
    buffer->bytes = larger;
    buffer->room = wanted;
    return 0;
}

void so_buffer_free(struct so_buffer *buffer) {
    free(buffer->bytes);
    buffer->bytes = NULL;
    buffer->room = 0;
}
