/* Which names and texts a bundle may hold: bundle/names.py. Texts are UTF-8 that was checked. */
#ifndef SONOEDGE_CORE_READ_CHARACTERS_H
#define SONOEDGE_CORE_READ_CHARACTERS_H

#include "json.h"

/* names.check_name: 1 to 64 of A-Z, a-z, 0-9, "_", ".", "+" and "-". */
int so_is_name(const char *text);
/* reading.is_plain_path. */
int so_is_plain_path(const char *text);
/* 64 hexadecimal digits in lower case. */
int so_is_sha256(const char *text);
/* A label: 1 to 64 characters, none of those that are not shown (names._UNSHOWN). */
int so_is_label(const char *text);
/* Whether str.strip leaves nothing of it. */
int so_is_blank(const char *text);
/* names.check_text over a whole document; 0 where some text or key holds what a terminal acts on.
 */
int so_texts_are_shown(const struct so_json *value);

#endif
