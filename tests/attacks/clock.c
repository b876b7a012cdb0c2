/* The wall clock as it stands on a device without a battery, or with a wrong one:
   gcc -shared -fPIC -o clock.so clock.c -ldl; LD_PRELOAD=./clock.so CLOCK_S=0 PROGRAM
   Only the wall clock: the monotonic one goes on. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static time_t now(void) {
    const char *text = getenv("CLOCK_S");
    return text ? (time_t)atoll(text) : 0;
}

int clock_gettime(clockid_t id, struct timespec *at) {
    static int (*real)(clockid_t, struct timespec *);
    if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE) {
        at->tv_sec = now();
        at->tv_nsec = 0;
        return 0;
    }
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    return real(id, at);
}

time_t time(time_t *at) {
    if (at) *at = now();
    return now();
}

int gettimeofday(struct timeval *at, void *zone) {
    (void)zone;
    at->tv_sec = now();
    at->tv_usec = 0;
    return 0;
}
