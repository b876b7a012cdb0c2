/* Do two answers to a golden frame raise the same flags, for the same regions? */
#include "library.h"

#include <math.h>
#include <string.h>

#define DECIDED 0.05      /* a frame is decided when it is so far from the threshold, or more */
#define ROUNDING 1e-4     /* the same outputs and settings give the same regions but for this */
#define ROUNDING_PX 1
#define LEAST_SHARE 0.5   /* of the smaller box: it may split, or merge */

/* Python's round(value, digits): what a bundle keeps was rounded so. */
static double rounded(double value, int digits) {
    char text[400];
    so_format(text, sizeof text, "%.*f", digits, value);
    return so_to_double(text, NULL);
}

static struct so_golden_region kept(const struct so_region *region) {
    struct so_golden_region golden;
    memcpy(golden.box, region->box, sizeof golden.box);
    golden.area_px = rounded(region->area_px, 3);
    golden.suspicion = rounded(region->suspicion, 6);
    golden.is_flagged = region->is_flagged;
    return golden;
}

static int is_same(const struct so_golden_region *a, const struct so_golden_region *b) {
    double area = fmax(1.0, 0.01 * a->area_px);
    for (size_t i = 0; i < 4; i++) {
        int64_t off = (int64_t)a->box[i] - b->box[i];
        if (off > ROUNDING_PX || off < -ROUNDING_PX) {
            return 0;
        }
    }
    return fabs(a->suspicion - b->suspicion) <= ROUNDING && fabs(a->area_px - b->area_px) <= area;
}

static int64_t area_of(const int32_t *box) {
    return ((int64_t)box[2] - box[0]) * ((int64_t)box[3] - box[1]);
}

static int overlap(const int32_t *a, const int32_t *b) {
    int64_t width = (int64_t)(a[2] < b[2] ? a[2] : b[2]) - (a[0] > b[0] ? a[0] : b[0]);
    int64_t height = (int64_t)(a[3] < b[3] ? a[3] : b[3]) - (a[1] > b[1] ? a[1] : b[1]);
    int64_t smaller = area_of(a) < area_of(b) ? area_of(a) : area_of(b);
    int64_t both = (width > 0 ? width : 0) * (height > 0 ? height : 0);
    return (double)both >= LEAST_SHARE * (double)smaller;
}

void so_settings_difference(const struct so_golden_case *golden, const struct so_findings *now,
                            double threshold, char difference[SO_DIFFERENCE]) {
    char taken[SONOEDGE_MAX_REGIONS] = {0};
    difference[0] = '\0';
    if (golden->region_count != now->region_count || now->region_count > SONOEDGE_MAX_REGIONS) {
        so_format(difference, SO_DIFFERENCE, "%u regions, not %u", (unsigned)now->region_count,
                  (unsigned)golden->region_count);
        return;
    }
    for (uint32_t i = 0; i < golden->region_count; i++) {
        const struct so_golden_region *region = &golden->regions[i];
        const int32_t *box = region->box;
        struct so_golden_region same = {{0, 0, 0, 0}, 0, 0, 0};
        uint32_t k = 0;
        for (; k < now->region_count; k++) {
            same = kept(&now->regions[k]);
            if (!taken[k] && is_same(region, &same)) {
                break;
            }
        }
        if (k == now->region_count) {
            so_format(difference, SO_DIFFERENCE,
                      "no region at (%d, %d, %d, %d) of suspicion %.3f", (int)box[0], (int)box[1],
                      (int)box[2], (int)box[3], region->suspicion);
            return;
        }
        if (same.is_flagged != region->is_flagged &&
            fabs(region->suspicion - threshold) > ROUNDING) {
            so_format(difference, SO_DIFFERENCE, "the region at (%d, %d, %d, %d) %sflagged",
                      (int)box[0], (int)box[1], (int)box[2], (int)box[3],
                      same.is_flagged ? "" : "not ");
            return;
        }
        taken[k] = 1;
    }
}

static int is_found(const struct so_golden_region *region, const struct so_findings *now) {
    for (uint32_t i = 0; i < now->region_count; i++) {
        if (now->regions[i].is_flagged && overlap(region->box, now->regions[i].box)) {
            return 1;
        }
    }
    return 0;
}

void so_flag_difference(const struct so_golden_case *golden, const struct so_findings *now,
                        double threshold, char difference[SO_DIFFERENCE]) {
    double before = 0, suspicion = 0;
    int is_flagged = 0;
    difference[0] = '\0';
    for (uint32_t i = 0; i < golden->region_count; i++) {
        before = fmax(before, golden->regions[i].suspicion);
    }
    for (uint32_t i = 0; i < now->region_count; i++) {
        suspicion = fmax(suspicion, rounded(now->regions[i].suspicion, 6));
        is_flagged = is_flagged || now->regions[i].is_flagged;
    }
    if (fabs(before - threshold) < DECIDED) {
        return;
    }
    if (is_flagged != golden->is_flagged) {
        so_format(difference, SO_DIFFERENCE, "suspicion %.3f, %sflagged; at export %.3f",
                  suspicion, is_flagged ? "" : "not ", before);
        return;
    }
    for (uint32_t i = 0; i < golden->region_count; i++) {
        const struct so_golden_region *region = &golden->regions[i];
        if (region->suspicion - threshold >= DECIDED && !is_found(region, now)) {
            so_format(difference, SO_DIFFERENCE,
                      "no flagged region at (%d, %d, %d, %d), as there was at export",
                      (int)region->box[0], (int)region->box[1], (int)region->box[2],
                      (int)region->box[3]);
            return;
        }
    }
}
