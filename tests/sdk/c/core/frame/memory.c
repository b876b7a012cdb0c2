/* Allocations of the frame path, counted, and failing when a test says so: linked with
 * -Wl,--wrap=malloc,--wrap=calloc. */
#include <stddef.h>

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
int so_test_allocations(void);
void so_test_fail_at(int number);

static int made, fails_at = -1;

/* How many there were since the last so_test_fail_at. */
int so_test_allocations(void) {
    return made;
}

/* Count anew; from then on the allocation `number` alone gives nothing. -1: none. */
void so_test_fail_at(int number) {
    made = 0;
    fails_at = number;
}

void *__wrap_malloc(size_t bytes) {
    return made++ == fails_at ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes) {
    return made++ == fails_at ? NULL : __real_calloc(count, bytes);
}
