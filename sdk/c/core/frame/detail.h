/* What a log should say of a stopped frame beyond the reason's token: guard/detail.py. */
#ifndef SONOEDGE_CORE_FRAME_DETAIL_H
#define SONOEDGE_CORE_FRAME_DETAIL_H

#include "../frame_path.h"

/* One sentence on why the guard stopped a frame; "" where the token says it all.
 * box: of the region of interest, or NULL where that is not known. */
void so_detail(int32_t reason, const struct so_frame *frame,
               const struct so_guard_settings *settings, const int32_t *box,
               char detail[SONOEDGE_MAX_TEXT]);

#endif
