/* The numbers of the reasons that an implementation itself gives; words.c names all. */
#ifndef SONOEDGE_COMMON_REASONS_H
#define SONOEDGE_COMMON_REASONS_H

#define SO_REASON_COUNT 33
#define SO_REASON_STALE 19
#define SO_REASON_UNAVAILABLE 24
#define SO_REASON_INTERNAL_ERROR 28

#endif
