/* No graph may take its weights from a file that has no digest: bundle/inline_data.py. */
#ifndef SONOEDGE_CORE_READ_ONNX_INLINE_H
#define SONOEDGE_CORE_READ_ONNX_INLINE_H

#include <stddef.h>
#include <stdint.h>

/* NULL for an ONNX graph that holds all its tensors itself; else what it is, as words that follow
 * on its file's name. */
const char *so_check_inline(const uint8_t *model, size_t bytes);

#endif
