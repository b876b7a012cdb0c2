/* A host of the service, for `sonoedge reliability --only service service-kills`.
 *
 *     service_host analyse SOCKET FRAMES WIDTH HEIGHT CHANNELS
 *         for each line N of standard input: frame N of the file, its round trip, all that came
 *     service_host watch SOCKET
 *         a line, with the time, each time that what sonoedge_valid says has changed
 *     service_host feed SOCKET
 *         30 frames a second, for ever
 */
#define _POSIX_C_SOURCE 200809L
#include "sonoedge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LONG_MS 60000

static void sleep_ns(long ns) {
    struct timespec time = {0, 0};
    time.tv_nsec = ns;
    nanosleep(&time, NULL);
}

static void probabilities(const double *values, uint32_t labels) {
    printf(" %" PRIu32, values == NULL ? 0 : labels);
    for (uint32_t i = 0; values != NULL && i < labels; i++) {
        printf(" %.17g", values[i]);
    }
}

/* What `fields.words` makes of an Analysis, in the same order. */
static void tell(const sonoedge_result *result, uint32_t labels) {
    printf(" %d %d %d %d %.17g", (int)result->outcome, result->flagged, result->temporal_flag,
           result->localised, result->suspicion);
    probabilities(result->class_probs, labels);
    for (uint32_t i = 0; i < result->region_count; i++) {
        const sonoedge_region *region = &result->regions[i];
        printf(" region %d %d %d %d %" PRId64 " %.17g %.17g %.17g %.17g %.17g %" PRIu32,
               region->box[0], region->box[1], region->box[2], region->box[3], region->track_id,
               region->area_px, region->area_mm2, region->width_mm, region->height_mm,
               region->suspicion, region->flags);
        probabilities(region->class_probs, labels);
        for (uint32_t k = 0; k < 2 * region->points; k++) {
            printf(" %d", region->contour[k]);
        }
    }
    for (uint32_t i = 0; i < result->reason_count; i++) {
        printf(" %s", sonoedge_reason_name(result->reasons[i]));
    }
    printf(" %s\n", result->detail);
    fflush(stdout);
}

static int analyse(sonoedge *handle, char **words) {
    sonoedge_frame frame;
    sonoedge_result result;
    sonoedge_status status;
    char line[32];
    size_t size;
    FILE *file = fopen(words[3], "rb");
    uint8_t *pixels;
    sonoedge_frame_init(&frame);
    frame.width = (uint32_t)atoi(words[4]);
    frame.height = (uint32_t)atoi(words[5]);
    frame.format = strcmp(words[6], "1") == 0 ? SONOEDGE_GREY8 : SONOEDGE_BGR24;
    frame.spacing_row_mm = frame.spacing_column_mm = 0.1;
    size = (size_t)frame.width * frame.height * (frame.format == SONOEDGE_GREY8 ? 1 : 3);
    pixels = malloc(size);
    while (file != NULL && pixels != NULL && fgets(line, sizeof line, stdin) != NULL) {
        uint64_t id;
        if (fseek(file, (long)size * atol(line), SEEK_SET) != 0 ||
            fread(pixels, 1, size, file) != size) {
            break;
        }
        frame.pixels = pixels;
        frame.captured_ns = sonoedge_now_ns();
        if (sonoedge_submit(handle, &frame, &id) != SONOEDGE_OK ||
            sonoedge_next(handle, &result, LONG_MS) != SONOEDGE_OK || result.frame_id != id) {
            fprintf(stderr, "%s\n", sonoedge_last_message(handle));
            break;
        }
        printf("%" PRId64, sonoedge_now_ns() - frame.captured_ns);
        tell(&result, sonoedge_get_status(handle, &status) == SONOEDGE_OK ? status.label_count : 0);
    }
    free(pixels);
    return file == NULL ? 1 : fclose(file);
}

static void watch(sonoedge *handle) {
    int said = -1;
    sonoedge_status status;
    for (;; sleep_ns(100000)) {
        int64_t now_ns = sonoedge_now_ns();
        int valid = sonoedge_valid(handle, now_ns);
        if (valid != said) {
            printf("%d %" PRId64 "\n", valid, now_ns);
            fflush(stdout);
            said = valid;
        }
        if (!valid) {
            (void)sonoedge_get_status(handle, &status); /* connects again */
        }
    }
}

static void feed(sonoedge *handle) {
    static uint8_t pixels[120 * 160];
    sonoedge_frame frame;
    sonoedge_result result;
    uint32_t noise = 1;
    sonoedge_frame_init(&frame);
    frame.pixels = pixels;
    frame.width = 160;
    frame.height = 120;
    for (;; sleep_ns(33000000)) {
        for (size_t i = 0; i < sizeof pixels; i++) {
            noise = noise * 1664525u + 1013904223u;
            pixels[i] = (uint8_t)(60 + (noise >> 24) % 140);
        }
        frame.captured_ns = sonoedge_now_ns();
        (void)sonoedge_submit(handle, &frame, NULL);
        while (sonoedge_next(handle, &result, 0) == SONOEDGE_OK) {
            printf("%d\n", (int)result.outcome);
            fflush(stdout);
        }
    }
}

int main(int count, char **words) {
    sonoedge *handle = NULL;
    sonoedge_options options = {0};
    sonoedge_error error;
    int code = 2;
    options.timeout_ms = LONG_MS;
    options.max_age_ms = LONG_MS;
    options.stream = count < 2 ? NULL : words[1]; /* the same after each kill */
    if (count < 3) {
        return code;
    }
    error = sonoedge_connect(words[2], &options, &handle);
    if (error != SONOEDGE_OK) {
        fprintf(stderr, "%s\n", sonoedge_last_message(handle));
        code = 1;
    } else if (count == 7) {
        code = analyse(handle, words);
    } else {
        (strcmp(words[1], "watch") == 0 ? watch : feed)(handle); /* for ever */
    }
    sonoedge_close(handle);
    return code;
}
