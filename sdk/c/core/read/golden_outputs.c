#include "golden_outputs.h"
#include "npy.h"

#include <stdlib.h>
#include <string.h>

#define MOST_NAME 80 /* "NNN." and ".npy" around an output's name */

static int is_named(const struct so_zip_entry *entry, uint32_t frame, const char *output) {
    char name[MOST_NAME];
    so_format(name, sizeof name, "%03u.%s.npy", (unsigned)frame, output);
    return entry->name_bytes == strlen(name) && memcmp(entry->name, name, entry->name_bytes) == 0;
}

/* Each output's entry, found from where the last one was: the archive is mostly in order. */
static const char *sort(const struct so_zip_entry *found, size_t count, uint32_t frames,
                        const struct so_settings *settings, struct so_zip_entry *entries) {
    size_t at = 0;
    for (uint32_t frame = 0; frame < frames; frame++) {
        for (uint32_t i = 0; i < settings->output_count; i++) {
            const struct so_tensor_spec *spec = &settings->outputs[i];
            size_t tried = 0;
            for (; tried < count && !is_named(&found[at], frame, spec->name); tried++) {
                at = at + 1 == count ? 0 : at + 1;
            }
            if (tried == count) {
                return "its entries are not the outputs that the manifest names";
            }
            if (found[at].bytes > spec->bytes + SO_NPY_MOST_HEADER) {
                return "an entry unpacks to more than it should";
            }
            *entries++ = found[at];
        }
    }
    return NULL;
}

const char *so_golden_entries(const uint8_t *data, size_t bytes, uint32_t frames,
                              const struct so_settings *settings, struct so_zip_entry *entries) {
    size_t count = (size_t)frames * settings->output_count, found_count = 0;
    struct so_zip_entry *found = calloc(count, sizeof *found);
    const char *fault = so_no_memory;
    if (found != NULL) {
        fault = so_zip_entries(data, bytes, found, count, &found_count);
        if (fault == NULL && found_count != count) {
            fault = "its entries are not the outputs that the manifest names";
        }
        if (fault == NULL) {
            fault = sort(found, count, frames, settings, entries);
        }
    }
    free(found);
    return fault;
}

const char *so_golden_values(const struct so_zip_entry *entry, const struct so_tensor_spec *spec,
                             void *values) {
    uint8_t *content = malloc(entry->bytes == 0 ? 1 : entry->bytes);
    const uint8_t *found;
    const char *fault = so_no_memory;
    if (content != NULL) {
        fault = so_zip_unpack(entry, content);
        if (fault == NULL) {
            fault = so_npy_values(content, entry->bytes, spec, &found);
        }
        if (fault == NULL) {
            memcpy(values, found, spec->bytes);
        }
    }
    free(content);
    return fault;
}
