/* Files below an open folder: no links, no devices, never more bytes than expected.
 *
 * bundle/reading.py. The folder itself may be reached through links; nothing below it may be one.
 * `size` and `bytes` are of the file; memory that is given is freed with free().
 */
#ifndef SONOEDGE_CORE_READ_FOLDER_H
#define SONOEDGE_CORE_READ_FOLDER_H

#include "fault.h"

#include "sha256.h"

/* A descriptor of the folder; -1 where it cannot be opened, or is none. */
int so_folder_open(const char *path);
/* Whether there is anything of this name directly in the folder. */
int so_folder_has(int folder, const char *name);
/* The bytes of a file that must have this size. */
sonoedge_error so_folder_read(int folder, const char *path, size_t size, uint8_t **data,
                              struct so_problem *problem);
/* The bytes of a file whose size nothing tells beforehand. */
sonoedge_error so_folder_read_at_most(int folder, const char *path, size_t most, uint8_t **data,
                                      size_t *bytes, struct so_problem *problem);
/* The SHA-256 of a file that must have this size; little of it is in memory at a time. */
sonoedge_error so_folder_sha256(int folder, const char *path, size_t size,
                                char digits[SO_SHA256_DIGITS + 1], struct so_problem *problem);

#endif
