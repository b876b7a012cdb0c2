/* Times between two captures against a limit in float, exactly: 64 bits do not fit a double. */
#include "guard.h"

#include <math.h>

#define TWO_TO_64 18446744073709551616.0

static uint64_t between(int64_t since, int64_t now) {
    return (uint64_t)now - (uint64_t)since;
}

int so_at_least(int64_t since, int64_t now, double limit) {
    const double whole = ceil(limit);
    return whole < TWO_TO_64 && between(since, now) >= (uint64_t)whole;
}

int so_more_than(int64_t since, int64_t now, double limit) {
    const double whole = floor(limit);
    return whole < TWO_TO_64 && between(since, now) > (uint64_t)whole;
}
