/* A stand-in for libcudart, for tests without a GPU: it computes nothing and checks everything.
 *
 * Work on a stream is queued and done only when the stream is waited for, so that an answer
 * read too early is a wrong one. A copy must lie within memory that was taken here and not
 * given back, pinned on the host's side. Whatever is given back must be there. "Kernels" are
 * callbacks that the stand-in for TensorRT puts on a stream.
 *
 * It is no model of a GPU: no timing, no second stream's order; its memory ends at 1 GiB a piece.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OK = 0, INVALID = 1, OUT_OF_MEMORY = 2, UNSUPPORTED_IN_CAPTURE = 900, CAPTURE_INVALIDATED = 901 };
enum { DEVICE, PINNED, STREAM, GRAPH, EXEC };
enum { MANY = 4096, DEEP = 64 };

typedef void (*Kernel)(void);
typedef struct { Kernel kernel; void *to; const void *from; size_t size; } Work;
typedef struct { Work work[DEEP]; int count; int capturing; int invalid; } Queue;
typedef struct { int kind; void *at; size_t size; } Thing;

static Thing things[MANY];
static int thing_count, last_error, sticky_error;
static char calls[1 << 16];
static struct { char name[64]; int after; int code; int sticky; } failure;

static void forget(Thing *thing) { free(thing->at); thing->at = NULL; }

static Thing *find(int kind, const void *at) {
    for (int i = 0; i < thing_count; i++)
        if (things[i].at == at && at != NULL && things[i].kind == kind) return &things[i];
    return NULL;
}

static int within(int kind, const void *at, size_t size) {
    const char *p = at;
    for (int i = 0; i < thing_count; i++) {
        const char *q = things[i].at;
        if (q != NULL && things[i].kind == kind && p >= q && p + size <= q + things[i].size) return 1;
    }
    return 0;
}

static int keep(int kind, size_t size, void **out) {
    if (size == 0 || thing_count == MANY) return INVALID;
    if (size > (size_t)1 << 30) return OUT_OF_MEMORY;
    void *at = calloc(1, size);
    if (at == NULL) return OUT_OF_MEMORY;
    memset(at, kind == DEVICE || kind == PINNED ? 0xA5 : 0, size); /* fresh memory is no zeros */
    things[thing_count++] = (Thing){kind, at, size};
    *out = at;
    return OK;
}

static int give_back(int kind, void *at) {
    Thing *thing = find(kind, at);
    if (thing == NULL) return INVALID;
    forget(thing);
    return OK;
}

/* Every call goes through here: it is written down, and may fail on order. */
static int begin(const char *name) {
    strncat(calls, name, sizeof calls - strlen(calls) - 2);
    strcat(calls, " ");
    if (sticky_error) return sticky_error;
    if (failure.code && strcmp(failure.name, name) == 0 && failure.after-- == 0) {
        int code = failure.code;
        failure.code = 0;
        if (failure.sticky) sticky_error = code;
        return code;
    }
    return OK;
}

static int end(int code) {
    if (code) last_error = code;
    return code;
}
#define BEGIN int code = begin(__func__); if (code) return end(code)

static int put(void *stream, Work work) {
    Thing *thing = find(STREAM, stream);
    if (thing == NULL) return INVALID; /* the default stream is refused as well */
    Queue *queue = thing->at;
    if (queue->count == DEEP) return INVALID;
    queue->work[queue->count++] = work;
    return OK;
}

int cudaRuntimeGetVersion(int *version) { BEGIN; *version = 12060; return OK; }
int cudaMalloc(void **out, size_t size) { BEGIN; return end(keep(DEVICE, size, out)); }
int cudaFree(void *at) { BEGIN; return end(give_back(DEVICE, at)); }
int cudaHostAlloc(void **out, size_t size, unsigned flags) { BEGIN; return end(flags ? INVALID : keep(PINNED, size, out)); }
int cudaFreeHost(void *at) { BEGIN; return end(give_back(PINNED, at)); }
int cudaStreamCreateWithFlags(void **out, unsigned flags) { BEGIN; return end(flags == 1 ? keep(STREAM, sizeof(Queue), out) : INVALID); }
int cudaStreamDestroy(void *stream) { BEGIN; return end(give_back(STREAM, stream)); }
int cudaGraphDestroy(void *graph) { BEGIN; return end(give_back(GRAPH, graph)); }
int cudaGraphExecDestroy(void *graph) { BEGIN; return end(give_back(EXEC, graph)); }
int cudaGetLastError(void) { strcat(calls, "cudaGetLastError "); int code = last_error; last_error = sticky_error; return code; }
const char *cudaGetErrorString(int code) { return code == 2 ? "out of memory" : code == 700 ? "an illegal memory access was encountered" : "an error on order"; }

int cudaMemcpyAsync(void *to, const void *from, size_t size, int kind, void *stream) {
    BEGIN;
    int fits = (kind == 1 && within(DEVICE, to, size) && within(PINNED, from, size)) ||
               (kind == 2 && within(PINNED, to, size) && within(DEVICE, from, size));
    return end(fits ? put(stream, (Work){NULL, to, from, size}) : INVALID);
}

int cudaStreamSynchronize(void *stream) {
    BEGIN;
    Thing *thing = find(STREAM, stream);
    if (thing == NULL) return end(INVALID);
    Queue *queue = thing->at;
    if (queue->capturing) { queue->invalid = 1; return end(UNSUPPORTED_IN_CAPTURE); }
    for (int i = 0; i < queue->count; i++) {
        Work *work = &queue->work[i];
        if (work->kernel) work->kernel(); else memcpy(work->to, work->from, work->size);
    }
    queue->count = 0;
    return OK;
}

int cudaStreamBeginCapture(void *stream, int mode) {
    BEGIN;
    Thing *thing = find(STREAM, stream);
    if (thing == NULL || mode != 1) return end(INVALID);
    Queue *queue = thing->at;
    if (queue->count || queue->capturing) return end(INVALID); /* ours waits before it records */
    queue->capturing = 1;
    return OK;
}

static int copy(int kind, Queue *from, void **out) {
    void *made = NULL;
    int code = keep(kind, sizeof(Queue), &made);
    if (code == OK) { memcpy(made, from, sizeof(Queue)); *out = made; }
    return code;
}

int cudaStreamEndCapture(void *stream, void **graph) {
    Thing *thing = find(STREAM, stream);
    int failed = begin(__func__);
    *graph = NULL;
    if (thing == NULL) return end(INVALID);
    Queue *queue = thing->at, recorded = *queue;
    queue->capturing = queue->count = queue->invalid = 0;
    if (failed) return end(failed);
    if (recorded.invalid) return end(CAPTURE_INVALIDATED);
    return end(recorded.capturing ? copy(GRAPH, &recorded, graph) : INVALID);
}

int cudaGraphInstantiate(void **out, void *graph, unsigned long long flags) {
    BEGIN;
    Thing *thing = find(GRAPH, graph);
    return end(thing == NULL || flags ? INVALID : copy(EXEC, thing->at, out));
}

int cudaGraphLaunch(void *graph, void *stream) {
    BEGIN;
    Thing *thing = find(EXEC, graph);
    if (thing == NULL) return end(INVALID);
    Queue *recorded = thing->at;
    for (int i = 0; i < recorded->count; i++)
        if (put(stream, recorded->work[i])) return end(INVALID);
    return OK;
}

/* For the stand-in for TensorRT: 0 when the kernel is on the stream. */
int fake_kernel(void *stream, Kernel kernel) {
    int code = begin("kernel");
    return end(code ? code : put(stream, (Work){kernel, NULL, NULL, 0}));
}

/* For tests. */
void fake_fail(const char *name, int after, int code, int sticky) {
    snprintf(failure.name, sizeof failure.name, "%s", name);
    failure.after = after; failure.code = code; failure.sticky = sticky;
}
const char *fake_calls(void) { return calls; }
int fake_live(void) {
    int live = 0;
    for (int i = 0; i < thing_count; i++) live += things[i].at != NULL;
    return live;
}
void fake_reset(void) {
    for (int i = 0; i < thing_count; i++) forget(&things[i]);
    thing_count = last_error = sticky_error = failure.code = 0;
    calls[0] = 0;
}

__attribute__((constructor)) static void from_environment(void) {
    const char *said = getenv("FAKE_CUDA_FAIL"); /* name:after:code:sticky */
    if (said) sscanf(said, "%63[^:]:%d:%d:%d", failure.name, &failure.after, &failure.code, &failure.sticky);
}
__attribute__((destructor)) static void to_report(void) {
    const char *path = getenv("FAKE_CUDA_REPORT");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (file) { fprintf(file, "%d\n%s\n", fake_live(), calls); fclose(file); }
}
