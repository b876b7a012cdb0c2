/* A ZIP archive as bundle/golden_file.py writes it: entries behind each other, stored or deflated,
 * the directory behind them, no comments, extras, encryption or ZIP64. Faults as fault.h says.
 */
#ifndef SONOEDGE_CORE_READ_ZIP_H
#define SONOEDGE_CORE_READ_ZIP_H

#include "fault.h"

struct so_zip_entry {
    const char *name; /* not ended by a zero */
    size_t name_bytes;
    const uint8_t *packed;
    size_t packed_bytes;
    size_t bytes; /* unpacked */
    uint32_t crc;
    int is_deflated;
};

/* The entries in the directory's order. They point into data.
 * most: how many there may be; *count: how many there are. */
const char *so_zip_entries(const uint8_t *data, size_t bytes, struct so_zip_entry *entries,
                           size_t most, size_t *count);
/* entry->bytes bytes, whose checksum is right. */
const char *so_zip_unpack(const struct so_zip_entry *entry, uint8_t *out);

#endif
