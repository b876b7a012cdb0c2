/* What an engine is to the library: a loaded network with buffers of its own.
 *
 * The seam for other engines: a file like ort_open.c gives a `struct so_engine`, and
 * library/open.c calls it by the variant's runtime. An engine neither resizes nor casts nor normalises.
 */
#ifndef SONOEDGE_CORE_ENGINE_H
#define SONOEDGE_CORE_ENGINE_H

#include "../core.h"
#include "../settings.h"

struct so_engine;

struct so_engine_calls {
    /* Run once on the caller's thread and wait; `outputs` are filled.
     * input: settings.input.bytes bytes; they are not written to. */
    sonoedge_error (*run)(struct so_engine *engine, const uint8_t *input,
                          struct so_problem *problem);
    void (*close)(struct so_engine *engine);
};

/* The first member of each engine's own struct. */
struct so_engine {
    const struct so_engine_calls *calls;
    const void *outputs[SO_MAX_TENSORS]; /* in the order of settings.outputs; the engine's own */
};

/* How an engine is driven. */
struct so_engine_options {
    const char *library; /* path of libonnxruntime.so; NULL: looked for */
    uint32_t threads;    /* 0: so_usable_threads() */
};

/* ort_open.c. Load a network; its tensors must be those of `settings`, which must outlive it.
 * SONOEDGE_ERROR_ENGINE where there is no ONNX Runtime, or it refuses; _BUNDLE where the network's
 * tensors are not the manifest's. */
sonoedge_error so_ort_open(const uint8_t *model, size_t bytes, const struct so_settings *settings,
                           const struct so_engine_options *options, struct so_engine **out,
                           struct so_problem *problem);

/* threads.c. Threads that an engine should use: the cores by affinity, within the control group's
 * quota (device.cpu.usable_threads). */
uint32_t so_usable_threads(void);

#endif
