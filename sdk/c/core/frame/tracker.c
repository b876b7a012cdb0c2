/* The tracks of one stream. */
#include "tracker.h"

#include "guard.h"

#include <math.h>
#include <string.h>

#define RAISING 1
#define KEEPING 2

void so_tracker_begin(struct so_tracker *tracker, const struct so_tracking_settings *settings,
                      double flag_threshold) {
    memset(tracker, 0, sizeof *tracker);
    tracker->settings = settings;
    tracker->raise = settings->has_raise_threshold ? settings->raise_threshold : flag_threshold;
    tracker->keep = 0.8 * tracker->raise;
    if (settings->has_keep_threshold) {
        const double low = settings->keep_threshold;
        tracker->keep = low < tracker->raise ? low : tracker->raise;
    }
    if (settings->has_evidence) {
        so_gathering_begin(&tracker->gathering, &settings->evidence, tracker->raise);
    }
}

void so_tracker_reset(struct so_tracker *tracker) {
    tracker->count = 0;
    tracker->has_scene = 0;
    tracker->hold_off = 0;
    tracker->is_up = 0;
}

static void vote(struct so_tracker *tracker, int32_t index, int votes) {
    const int32_t window = tracker->settings->window_frames;
    struct so_track *track = (struct so_track *)tracker->tracks.bytes + index;
    uint8_t *ring = (uint8_t *)tracker->votes.bytes + (size_t)index * (size_t)window;
    if (track->votes == window) {
        const int oldest = ring[track->newest];
        track->raising -= (oldest & RAISING) != 0;
        track->keeping -= (oldest & KEEPING) != 0;
    } else {
        track->votes++;
    }
    ring[track->newest] = (uint8_t)votes;
    track->newest = (track->newest + 1) % window;
    track->raising += (votes & RAISING) != 0;
    track->keeping += (votes & KEEPING) != 0;
}

/* Room for as many tracks as this frame may leave. */
static int hold(struct so_tracker *tracker, uint32_t regions) {
    const size_t kept = (size_t)tracker->count, most = kept + regions;
    const size_t window = (size_t)tracker->settings->window_frames;
    return so_buffer_hold(&tracker->tracks, most, sizeof(struct so_track),
                          kept * sizeof(struct so_track)) != 0 ||
                   so_buffer_hold(&tracker->votes, most, window, kept * window) != 0 ||
                   so_buffer_hold(&tracker->pairs, most * regions, sizeof(struct so_pair), 0) != 0
               ? -1
               : 0;
}

/* Each region's track, its index in track_id for now; the best overlaps first. */
static void match(struct so_tracker *tracker, struct so_region *regions, int32_t count) {
    struct so_track *tracks = tracker->tracks.bytes;
    struct so_pair *pairs = tracker->pairs.bytes;
    size_t near = 0;
    for (int32_t i = 0; i < count; i++) {
        regions[i].track_id = -1;
        for (int32_t k = 0; k < tracker->count; k++) {
            const double overlap = so_iou(regions[i].box, tracks[k].box);
            if (overlap >= tracker->settings->match_iou) {
                pairs[near++] = (struct so_pair){overlap, i, k};
            }
        }
    }
    so_sort_pairs(pairs, near);
    for (int32_t k = 0; k < tracker->count; k++) {
        tracks[k].is_matched = 0;
    }
    for (size_t p = 0; p < near; p++) {
        struct so_track *track = &tracks[pairs[p].track];
        struct so_region *region = &regions[pairs[p].region];
        if (region->track_id < 0 && !track->is_matched) {
            region->track_id = pairs[p].track;
            track->is_matched = 1;
            track->overlap = pairs[p].overlap;
        }
    }
}

/* The frame was analysed, and the track's region is not in it. */
static void unseen(struct so_tracker *tracker, int32_t index) {
    const struct so_tracking_settings *settings = tracker->settings;
    struct so_track *track = (struct so_track *)tracker->tracks.bytes + index;
    track->unseen++;
    if (settings->has_evidence) {
        track->evidence =
            so_evidence_unseen(&tracker->gathering, &settings->evidence, track->evidence);
    } else {
        vote(tracker, index, 0);
    }
}

static void seen(struct so_tracker *tracker, int32_t index, const struct so_region *region) {
    const struct so_tracking_settings *settings = tracker->settings;
    struct so_track *track = (struct so_track *)tracker->tracks.bytes + index;
    const double overlap = track->is_matched ? track->overlap : 0.0;
    memcpy(track->box, region->box, sizeof track->box);
    track->unseen = 0;
    if (settings->has_evidence) {
        track->evidence = so_evidence_seen(&tracker->gathering, &settings->evidence,
                                           track->evidence, region->suspicion, overlap);
    } else {
        vote(tracker, index,
             (region->suspicion >= tracker->raise ? RAISING : 0) |
                 (region->suspicion >= tracker->keep ? KEEPING : 0));
    }
}

/* What this frame says of each track, with new tracks for regions that have none. */
static void cast(struct so_tracker *tracker, struct so_region *regions, int32_t count) {
    struct so_track *tracks = tracker->tracks.bytes;
    for (int32_t k = 0; k < tracker->count; k++) {
        if (!tracks[k].is_matched) {
            unseen(tracker, k);
        }
    }
    for (int32_t i = 0; i < count; i++) {
        struct so_region *region = &regions[i];
        if (region->track_id < 0) {
            region->track_id = tracker->count;
            tracks[tracker->count] = (struct so_track){.id = tracker->next_id++};
            tracker->count++;
        }
        seen(tracker, (int32_t)region->track_id, region);
    }
}

/* What was gathered keeps the track's flag up, or raises it where it is down. */
static int suffices(const struct so_tracking_settings *settings, const struct so_track *track) {
    if (settings->has_evidence) {
        return track->evidence >= (track->is_flagged ? settings->evidence.keep_log_odds
                                                     : settings->evidence.raise_log_odds);
    }
    return track->is_flagged ? track->keeping >= settings->keep_frames
                             : track->raising >= settings->raise_frames;
}

/* Flags, of the tracks that go on and of the picture. */
static void judge(struct so_tracker *tracker) {
    const struct so_tracking_settings *settings = tracker->settings;
    struct so_track *tracks = tracker->tracks.bytes;
    int is_up = 0;
    for (int32_t k = 0; k < tracker->count; k++) {
        struct so_track *track = &tracks[k];
        if (track->unseen >= settings->lost_after_frames) {
            continue;
        }
        if (track->is_flagged || tracker->hold_off == 0) {
            track->is_flagged = suffices(settings, track);
        }
        is_up = is_up || track->is_flagged;
    }
    tracker->hold_off -= tracker->hold_off > 0;
    if (tracker->is_up && !is_up) {
        tracker->hold_off = settings->hold_off_frames;
    }
    tracker->is_up = is_up;
}

static void drop_lost(struct so_tracker *tracker) {
    const size_t window = (size_t)tracker->settings->window_frames;
    struct so_track *tracks = tracker->tracks.bytes;
    uint8_t *votes = tracker->votes.bytes;
    int32_t kept = 0;
    for (int32_t k = 0; k < tracker->count; k++) {
        if (tracks[k].unseen < tracker->settings->lost_after_frames) {
            if (kept != k) {
                tracks[kept] = tracks[k];
                memcpy(votes + (size_t)kept * window, votes + (size_t)k * window, window);
            }
            kept++;
        }
    }
    tracker->count = kept;
}

static int is_gap(const struct so_tracker *tracker, int64_t captured_ns) {
    return captured_ns < tracker->last_ns ||
           so_more_than(tracker->last_ns, captured_ns, tracker->settings->gap_ms * 1e6);
}

int so_tracker_update(struct so_tracker *tracker, struct so_region *regions, uint32_t count,
                      int64_t captured_ns, const struct so_scene *scene) {
    if (!tracker->has_scene || !so_scene_is(&tracker->scene, scene) ||
        is_gap(tracker, captured_ns)) {
        so_tracker_reset(tracker);
    }
    if ((!tracker->has_scene && so_scene_keep(&tracker->scene, scene) != 0) ||
        hold(tracker, count) != 0) {
        so_tracker_reset(tracker);
        return -1;
    }
    if (tracker->settings->has_evidence) {
        const uint64_t since = (uint64_t)captured_ns - (uint64_t)tracker->last_ns;
        so_gathering_frame(&tracker->gathering, &tracker->settings->evidence,
                           tracker->has_scene ? since : 0);
    }
    tracker->has_scene = 1;
    tracker->last_ns = captured_ns;
    match(tracker, regions, (int32_t)count);
    cast(tracker, regions, (int32_t)count);
    judge(tracker);
    const struct so_track *tracks = tracker->tracks.bytes;
    for (uint32_t i = 0; i < count; i++) {
        const struct so_track *track = &tracks[regions[i].track_id];
        regions[i].is_track_flagged = track->is_flagged;
        regions[i].track_id = track->id;
    }
    drop_lost(tracker);
    return tracker->is_up;
}

void so_tracker_free(struct so_tracker *tracker) {
    so_buffer_free(&tracker->scene.names);
    so_buffer_free(&tracker->tracks);
    so_buffer_free(&tracker->votes);
    so_buffer_free(&tracker->pairs);
}
