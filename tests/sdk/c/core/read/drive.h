/* A program for tests: requests come in, what the readers made of each goes out. */
#ifndef SONOEDGE_TESTS_READ_DRIVE_H
#define SONOEDGE_TESTS_READ_DRIVE_H

#include "core/bundle.h"
#include "core/read/json.h"

#include <stdio.h>

/* The answer to one request; "!" and a sentence where it was refused. */
void put(const void *data, size_t bytes);
void say(const char *format, ...) SO_PRINTF(1, 2);
void refuse(const char *sentence);

/* dump.c: values as text, numbers exactly. */
void dump_json(const struct so_json *value);
void dump_settings(const struct so_settings *settings);
void dump_variants(const struct so_variant *const *variants, uint32_t count);

#endif
