/* A bundle's files, by the paths that its manifest names. */
#ifndef SONOEDGE_CORE_READ_FILES_H
#define SONOEDGE_CORE_READ_FILES_H

#include "manifest.h"

#include "../bundle.h"

/* The bytes of a file whose digest is right, and how many; freed with free(). */
sonoedge_error so_files_read(const struct so_bundle *bundle, const char *path, uint8_t **data,
                             size_t *bytes, struct so_problem *problem);
/* Every file's digest, and that no graph takes weights from elsewhere: Bundle.check. */
sonoedge_error so_files_check(const struct so_bundle *bundle, struct so_problem *problem);

#endif
