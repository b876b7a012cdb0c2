/* Results and states: every length is checked before anything is read by it. */
#include "client.h"

#include <math.h>

int so_take_text(char *to, const uint8_t *from, size_t bytes) {
    if (bytes >= SONOEDGE_MAX_TEXT) {
        return -1;
    }
    memcpy(to, from, bytes);
    to[bytes] = '\0';
    return 0;
}

int so_read_state(struct so_about *about, const uint8_t *message, size_t bytes) {
    char *texts[5];
    size_t at = SO_STATE_BYTES;
    if (bytes < at) {
        return -1;
    }
    texts[0] = about->reasons;
    texts[1] = about->bundle_id;
    texts[2] = about->runtime;
    texts[3] = about->precision;
    texts[4] = about->variant;
    for (size_t i = 0; i < 5; i++) {
        size_t length = so_get16(message + 16 + 2 * i);
        if (length > bytes - at || so_take_text(texts[i], message + at, length) != 0) {
            return -1;
        }
        at += length;
    }
    return at == bytes ? 0 : -1;
}

int so_check_result(const uint8_t *message, size_t bytes, uint32_t labels) {
    size_t regions, reasons, of_frame, of_region, detail, each, need;
    if (bytes < SO_RESULT_BYTES) {
        return -1;
    }
    regions = so_get16(message + 64);
    reasons = so_get16(message + 66);
    of_frame = so_get16(message + 68);
    of_region = so_get16(message + 70);
    detail = so_get16(message + 72);
    if (regions > SONOEDGE_MAX_REGIONS || reasons > SONOEDGE_MAX_REASONS ||
        detail >= SONOEDGE_MAX_TEXT || (of_frame != 0 && of_frame != labels) ||
        (of_region != 0 && of_region != labels)) {
        return -1;
    }
    if ((so_get32(message + 4) & SO_RESULT_ANALYSED) == 0 &&
        (regions != 0 || of_frame != 0 || so_get32(message + 4) != 0)) {
        return -1; /* what was not analysed finds nothing, and is not flagged */
    }
    each = SO_REGION_BYTES + 8 * of_region;
    need = SO_RESULT_BYTES + 8 * of_frame + regions * each + 2 * reasons + detail;
    if (need > bytes) {
        return -1;
    }
    for (size_t i = 0; i < regions; i++) {
        const uint8_t *region = message + SO_RESULT_BYTES + 8 * of_frame + i * each;
        uint32_t points = so_get32(region + 64);
        if (points > SONOEDGE_MAX_POINTS) {
            return -1;
        }
        need += 4 * (size_t)points;
    }
    return need == bytes ? 0 : -1;
}

static const double *take_doubles(const uint8_t **at, size_t count, double **to) {
    double *begin = *to;
    for (size_t i = 0; i < count; i++, *at += 8) {
        begin[i] = so_get_double(*at);
    }
    *to = begin + count;
    return count == 0 ? NULL : begin;
}

static void take_region(const uint8_t *at, sonoedge_region *region) {
    for (size_t i = 0; i < 4; i++) {
        region->box[i] = so_get_i32(at + 4 * i);
    }
    region->track_id = so_get_i64(at + 16);
    region->area_px = so_get_double(at + 24);
    region->area_mm2 = so_get_double(at + 32);
    region->width_mm = so_get_double(at + 40);
    region->height_mm = so_get_double(at + 48);
    region->suspicion = so_get_double(at + 56);
    region->points = so_get32(at + 64);
    region->flags = so_get32(at + 68);
}

void so_read_result(struct so_answer *answer, const uint8_t *message, sonoedge_result *result) {
    uint32_t flags = so_get32(message + 4);
    size_t of_region = so_get16(message + 70);
    const uint8_t *at = message + SO_RESULT_BYTES;
    double *probs = answer->class_probs;
    int32_t *points = answer->points;

    result->outcome = (flags & SO_RESULT_ANALYSED) ? SONOEDGE_ANALYSED : SONOEDGE_NOT_ANALYSED;
    result->flagged = (flags & SO_RESULT_FLAGGED) != 0;
    result->temporal_flag = -1;
    if (flags & SO_RESULT_HAS_TEMPORAL_FLAG) {
        result->temporal_flag = (flags & SO_RESULT_TEMPORAL_FLAG) != 0;
    }
    result->localised = (flags & SO_RESULT_LOCALISED) != 0;
    result->frame_id = so_get64(message + 16);
    result->captured_ns = so_get_i64(message + 32);
    result->valid_until_ns = so_get_i64(message + 40);
    result->age_ms = so_get_double(message + 48);
    result->suspicion =
        (flags & SO_RESULT_HAS_SUSPICION) ? so_get_double(message + 56) : (double)NAN;
    result->region_count = so_get16(message + 64);
    result->reason_count = so_get16(message + 66);
    result->regions = answer->regions;
    result->reasons = answer->reasons;
    result->detail = answer->detail;

    result->class_probs = take_doubles(&at, so_get16(message + 68), &probs);
    for (size_t i = 0; i < result->region_count; i++) {
        take_region(at, &answer->regions[i]);
        at += SO_REGION_BYTES;
        answer->regions[i].class_probs = take_doubles(&at, of_region, &probs);
    }
    for (size_t i = 0; i < result->region_count; i++) {
        answer->regions[i].contour = points;
        for (size_t k = 0; k < 2 * (size_t)answer->regions[i].points; k++, at += 2) {
            int32_t value = so_get16(at);
            *points++ = value > 32767 ? value - 65536 : value;
        }
    }
    for (size_t i = 0; i < result->reason_count; i++, at += 2) {
        answer->reasons[i] = so_get16(at);
    }
    so_take_text(answer->detail, at, so_get16(message + 72));
}
