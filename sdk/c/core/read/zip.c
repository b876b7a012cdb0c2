/* Layout: PKWARE's APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16. */
#include "zip.h"
#include "checksum.h"
#include "inflate.h"

#include <string.h>

#define CUT "it is cut off or damaged"
#define LOCAL_BYTES 30u
#define CENTRAL_BYTES 46u
#define END_BYTES 22u
#define UTF8_NAMES 0x0800u

#define MOST_VERSION 20u /* 2.0, which deflated entries need */

/* What both headers say of an entry begins at different places, in the same order: version, flags,
 * method, time, date, checksum, packed size, size, length of the name, length of the extras. */
#define SHARED_BYTES 26u

static const char *read_central(const uint8_t *at, size_t left, struct so_zip_entry *entry) {
    unsigned method;
    if (left < CENTRAL_BYTES || so_little32(at) != 0x02014b50u) {
        return CUT;
    }
    method = so_little16(at + 10);
    if (so_little16(at + 6) > MOST_VERSION || (so_little16(at + 8) & ~UTF8_NAMES) != 0 ||
        (method != 0 && method != 8)) {
        return "an entry is packed in a way that is not read";
    }
    entry->is_deflated = method == 8;
    entry->crc = so_little32(at + 16);
    entry->packed_bytes = so_little32(at + 20);
    entry->bytes = so_little32(at + 24);
    entry->name = (const char *)at + CENTRAL_BYTES;
    entry->name_bytes = so_little16(at + 28);
    if (so_little16(at + 30) != 0 || so_little16(at + 32) != 0 || so_little16(at + 34) != 0) {
        return "an entry has more than a name";
    }
    if (entry->name_bytes > left - CENTRAL_BYTES) {
        return CUT;
    }
    if (method == 0 && entry->packed_bytes != entry->bytes) {
        return CUT;
    }
    return NULL;
}

/* The entry itself, which must lie at `begin` and say what the directory says. */
static const char *find_packed(const uint8_t *data, size_t end, size_t begin,
                               const uint8_t *central, struct so_zip_entry *entry) {
    const uint8_t *local = data + begin;
    if (end - begin < LOCAL_BYTES || so_little32(local) != 0x04034b50u ||
        entry->name_bytes > end - begin - LOCAL_BYTES ||
        entry->packed_bytes > end - begin - LOCAL_BYTES - entry->name_bytes) {
        return CUT;
    }
    if (memcmp(local + 4, central + 6, SHARED_BYTES) != 0 ||
        memcmp(local + LOCAL_BYTES, entry->name, entry->name_bytes) != 0) {
        return "its directory and its entries differ";
    }
    entry->packed = local + LOCAL_BYTES + entry->name_bytes;
    return NULL;
}

const char *so_zip_entries(const uint8_t *data, size_t bytes, struct so_zip_entry *entries,
                           size_t most, size_t *count) {
    const uint8_t *end, *central;
    size_t directory, begin = 0, left;
    if (bytes < END_BYTES) {
        return CUT;
    }
    end = data + bytes - END_BYTES;
    *count = so_little16(end + 10);
    left = so_little32(end + 12);
    directory = so_little32(end + 16);
    if (so_little32(end) != 0x06054b50u || so_little32(end + 4) != 0 ||
        so_little16(end + 8) != *count || so_little16(end + 20) != 0) {
        return "it does not end as an archive without a comment";
    }
    if (*count > most) {
        return "it has more entries than it should";
    }
    if (directory > bytes - END_BYTES || left != bytes - END_BYTES - directory) {
        return CUT;
    }
    central = data + directory;
    for (size_t i = 0; i < *count; i++) {
        size_t step;
        const char *fault = read_central(central, left, &entries[i]);
        if (fault == NULL && so_little32(central + 42) != begin) {
            fault = "its entries do not follow each other";
        }
        if (fault == NULL) {
            fault = find_packed(data, directory, begin, central, &entries[i]);
        }
        if (fault != NULL) {
            return fault;
        }
        begin += LOCAL_BYTES + entries[i].name_bytes + entries[i].packed_bytes;
        step = CENTRAL_BYTES + entries[i].name_bytes;
        central += step;
        left -= step;
    }
    return begin == directory && left == 0 ? NULL : "its entries do not follow each other";
}

const char *so_zip_unpack(const struct so_zip_entry *entry, uint8_t *out) {
    if (entry->is_deflated) {
        const char *fault =
            so_inflate(entry->packed, entry->packed_bytes, out, entry->bytes, SO_WINDOW_BYTES);
        if (fault != NULL) {
            return fault;
        }
    } else if (entry->bytes != 0) {
        memcpy(out, entry->packed, entry->bytes);
    }
    return so_crc32(out, entry->bytes) == entry->crc ? NULL : "its checksum is wrong";
}
