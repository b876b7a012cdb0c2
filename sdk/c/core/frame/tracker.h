/* Regions followed over frames, and a flag of several frames: processing/tracking.py. */
#ifndef SONOEDGE_CORE_FRAME_TRACKER_H
#define SONOEDGE_CORE_FRAME_TRACKER_H

#include "../frame_path.h"
#include "evidence.h"
#include "scene.h"

struct so_track {
    int64_t id;
    int64_t unseen; /* analysed frames since it was seen */
    int32_t box[4];
    int32_t votes;  /* in its window */
    int32_t newest; /* index of the next vote */
    int32_t raising, keeping; /* how many of the votes */
    double evidence; /* in place of votes */
    double overlap;  /* of its region's box and its own, where it is matched */
    int is_flagged;
    int is_matched; /* in this frame */
};

struct so_tracker {
    const struct so_tracking_settings *settings;
    double raise, keep; /* thresholds */
    struct so_gathering gathering;
    int64_t next_id;
    int64_t last_ns;
    int64_t hold_off;
    int is_up;
    int has_scene; /* a frame was seen since the last reset */
    struct so_kept_scene scene; /* of that frame */
    int32_t count;
    struct so_buffer tracks; /* struct so_track */
    struct so_buffer votes;  /* uint8, window_frames of each track */
    struct so_buffer pairs;  /* struct so_pair */
};

void so_tracker_begin(struct so_tracker *tracker, const struct so_tracking_settings *settings,
                      double flag_threshold);
/* Forget all tracks and the hold-off; ids go on. */
void so_tracker_reset(struct so_tracker *tracker);
/* Take one frame's regions and fill their tracks. The flag, 0 or 1; -1 without memory: then the
 * tracks are forgotten. */
int so_tracker_update(struct so_tracker *tracker, struct so_region *regions, uint32_t count,
                      int64_t captured_ns, const struct so_scene *scene);
void so_tracker_free(struct so_tracker *tracker);

/* matching.c. A region and a track, and how much they overlap. */
struct so_pair {
    double overlap;
    int32_t region, track;
};
double so_iou(const int32_t a[4], const int32_t b[4]);
/* The best overlaps first, then regions and tracks in their order. */
void so_sort_pairs(struct so_pair *pairs, size_t count);

#endif
