/* Rows of a table of fields; RECORD is the struct that they describe. */
#ifndef SONOEDGE_CORE_READ_FIELD_H
#define SONOEDGE_CORE_READ_FIELD_H

#include "manifest.h"

#define AT(member) offsetof(struct RECORD, member)
#define FIELD(kind, member, flags) {#member, SO_FIELD_##kind, flags, AT(member), NULL, NULL}
#define CHOICE(member, flags, words) {#member, SO_FIELD_CHOICE, flags, AT(member), NULL, words}
#define NESTED(kind, member, flags, table)                                                         \
    {#member, SO_FIELD_##kind, flags, AT(member), table, NULL}
#define TABLE(fields, defaults)                                                                    \
    {fields, sizeof(fields) / sizeof((fields)[0]), sizeof(struct RECORD), defaults}

#define EITHER (SO_MAY_LACK | SO_OR_NULL)
#define WHOLE(value) {1, value}
#define NUMBER(value) {1, value}
#define PAIR(low, high) {1, low, high}
#define NONE {0}

#endif
