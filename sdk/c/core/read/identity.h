/* A bundle's id: name, version, and digits of a digest over its manifest: bundle/identity.py. */
#ifndef SONOEDGE_CORE_READ_IDENTITY_H
#define SONOEDGE_CORE_READ_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

/* Whether an id is NAME-VERSION- and the digits of the manifest with this text. The name and the
 * version are such as so_is_name takes. */
int so_is_id_of(const char *bundle_id, const char *name, const char *version, const uint8_t *text,
                size_t bytes);

#endif
