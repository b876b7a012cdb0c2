/* From findings to what a host reads: as service.outgoing and the client tell it. */
#include "library.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct so_outcome *so_outcome_make(const struct so_settings *settings) {
    size_t regions = (size_t)settings->postprocess.max_regions;
    size_t labels = settings->postprocess.label_count;
    struct so_outcome *outcome = calloc(1, sizeof *outcome);
    if (outcome == NULL) {
        return NULL;
    }
    outcome->regions = calloc(regions, sizeof *outcome->regions);
    outcome->class_probs = calloc((regions + 1) * labels, sizeof *outcome->class_probs);
    if (outcome->regions == NULL || outcome->class_probs == NULL) {
        so_outcome_free(outcome);
        return NULL;
    }
    return outcome;
}

void so_outcome_free(struct so_outcome *outcome) {
    if (outcome != NULL) {
        free(outcome->regions);
        free(outcome->class_probs);
        free(outcome->points);
        free(outcome);
    }
}

static uint32_t kept_points(const struct so_region *region) {
    return region->points > SONOEDGE_MAX_POINTS ? SONOEDGE_MAX_POINTS : region->points;
}

/* Room for every contour, before anything points into it. */
static int make_room(struct so_outcome *outcome, const struct so_findings *findings) {
    size_t numbers = 0;
    int32_t *points;
    for (uint32_t i = 0; i < findings->region_count; i++) {
        numbers += 2 * (size_t)kept_points(&findings->regions[i]);
    }
    if (numbers <= outcome->point_room) {
        return 0;
    }
    points = realloc(outcome->points, 2 * numbers * sizeof *points);
    if (points == NULL) {
        return -1;
    }
    outcome->points = points;
    outcome->point_room = 2 * numbers;
    return 0;
}

/* A contour, thinned evenly where it has too many points: numpy.linspace without its end. */
static int32_t *put_contour(int32_t *to, const struct so_region *region) {
    uint32_t kept = kept_points(region);
    double step = (double)region->points / (double)kept;
    for (uint32_t i = 0; i < kept; i++) {
        size_t from = kept == region->points ? i : (size_t)((double)i * step);
        *to++ = region->contour[2 * from];
        *to++ = region->contour[2 * from + 1];
    }
    return to;
}

static void put_region(const struct so_region *from, sonoedge_region *to) {
    to->points = kept_points(from);
    to->flags = (from->is_flagged ? SONOEDGE_REGION_FLAGGED : 0u) |
                (from->is_track_flagged ? SONOEDGE_REGION_TRACK_FLAGGED : 0u) |
                (from->has_mm ? SONOEDGE_REGION_HAS_MM : 0u) |
                (to->points < from->points ? SONOEDGE_REGION_CONTOUR_CUT : 0u);
    to->track_id = from->track_id;
    memcpy(to->box, from->box, sizeof to->box);
    to->area_px = from->area_px;
    to->area_mm2 = from->has_mm ? from->area_mm2 : 0;
    to->width_mm = from->has_mm ? from->width_mm : 0;
    to->height_mm = from->has_mm ? from->height_mm : 0;
    to->suspicion = from->suspicion;
}

static const double *put_probs(double **to, const double *from, uint32_t labels) {
    double *begin = *to;
    if (from == NULL) {
        return NULL;
    }
    memcpy(begin, from, labels * sizeof *begin);
    *to += labels;
    return begin;
}

/* The most suspicious region's, and whether any is flagged; a frame's grade is its one region. */
static void sum_up(sonoedge_result *result, const struct so_findings *findings) {
    result->suspicion = (double)NAN;
    for (uint32_t i = 0; i < findings->region_count; i++) {
        const struct so_region *region = &findings->regions[i];
        if (i == 0 || region->suspicion > result->suspicion) {
            result->suspicion = region->suspicion;
        }
        result->flagged = result->flagged || region->is_flagged;
    }
}

int so_outcome_findings(struct so_outcome *outcome, const struct so_settings *settings,
                        const struct so_findings *findings) {
    uint32_t labels = settings->postprocess.label_count;
    sonoedge_result *result = &outcome->result;
    double *probs = outcome->class_probs;
    int32_t *points;
    memset(result, 0, sizeof *result);
    outcome->reason = SO_REASON_NONE;
    outcome->detail[0] = '\0';
    if (make_room(outcome, findings) != 0) {
        return -1;
    }
    result->outcome = SONOEDGE_ANALYSED;
    result->temporal_flag = findings->temporal_flag;
    result->localised = !findings->is_graded;
    sum_up(result, findings);
    result->class_probs = put_probs(&probs, findings->class_probs, labels);
    result->regions = outcome->regions;
    result->region_count = findings->is_graded ? 0 : findings->region_count;
    points = outcome->points;
    for (uint32_t i = 0; i < result->region_count; i++) {
        put_region(&findings->regions[i], &outcome->regions[i]);
        outcome->regions[i].class_probs =
            put_probs(&probs, findings->regions[i].class_probs, labels);
        outcome->regions[i].contour = points;
        points = put_contour(points, &findings->regions[i]);
    }
    result->reasons = &outcome->reason;
    result->detail = outcome->detail;
    return 0;
}

void so_outcome_stopped(struct so_outcome *outcome, int32_t reason) {
    sonoedge_result *result = &outcome->result;
    memset(result, 0, sizeof *result);
    result->outcome = SONOEDGE_NOT_ANALYSED;
    result->temporal_flag = -1;
    result->suspicion = (double)NAN;
    outcome->reason = reason;
    result->regions = outcome->regions;
    result->reasons = &outcome->reason;
    result->reason_count = 1;
    result->detail = outcome->detail;
}
