/* Drives the client for test_client.py: `probe frame SOCKET FILE WIDTH HEIGHT`, `probe watch SOCKET`. */
#include "sonoedge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t pixels[512 * 512];

static void probabilities(sonoedge *handle, const double *values) {
    sonoedge_status status;
    if (sonoedge_get_status(handle, &status) != SONOEDGE_OK) {
        return;
    }
    for (uint32_t i = 0; values != NULL && i < status.label_count; i++) {
        printf(" %a", values[i]);
    }
}

static int frame(sonoedge *handle, char **arguments) {
    sonoedge_frame given;
    sonoedge_result result;
    uint64_t id = 0;
    FILE *file = fopen(arguments[3], "rb");
    if (file == NULL) {
        return 1;
    }
    sonoedge_frame_init(&given);
    given.width = (uint32_t)atoi(arguments[4]);
    given.height = (uint32_t)atoi(arguments[5]);
    if (fread(pixels, given.width, given.height, file) != given.height) {
        return 1;
    }
    fclose(file);
    given.pixels = pixels;
    given.captured_ns = sonoedge_now_ns();
    given.spacing_row_mm = given.spacing_column_mm = 0.25;
    if (sonoedge_submit(handle, &given, &id) != SONOEDGE_OK ||
        sonoedge_next(handle, &result, 20000) != SONOEDGE_OK || result.frame_id != id ||
        result.captured_ns != given.captured_ns) {
        fprintf(stderr, "%s\n", sonoedge_last_message(handle));
        return 1;
    }
    printf("%d %d %d %d %a", (int)result.outcome, result.flagged, result.temporal_flag,
           result.localised, result.suspicion);
    probabilities(handle, result.class_probs);
    for (uint32_t i = 0; i < result.reason_count; i++) {
        printf(" %s", sonoedge_reason_name(result.reasons[i]));
    }
    printf(" [%s]\n", result.detail);
    for (uint32_t i = 0; i < result.region_count; i++) {
        const sonoedge_region *r = &result.regions[i];
        printf("%d %d %d %d %lld %a %a %a %a %a %u", r->box[0], r->box[1], r->box[2], r->box[3],
               (long long)r->track_id, r->area_px, r->area_mm2, r->width_mm, r->height_mm,
               r->suspicion, r->flags);
        probabilities(handle, r->class_probs);
        for (uint32_t k = 0; k < 2 * r->points; k++) {
            printf(" %d", r->contour[k]);
        }
        printf("\n");
    }
    return 0;
}

static void await(const sonoedge *handle, int wanted) {
    while (sonoedge_valid(handle, sonoedge_now_ns()) != wanted) {
    }
    printf("%d\n", wanted);
    fflush(stdout);
}

/* Says each time that it has reached a service: that answers a black frame. */
static int again(const char *path) {
    sonoedge *handle = NULL;
    sonoedge_options options = {0};
    sonoedge_frame given;
    sonoedge_result result;
    options.timeout_ms = 1;
    if (sonoedge_connect(path, &options, &handle) != SONOEDGE_ERROR_NOT_CONNECTED) {
        sonoedge_close(handle);
        return 1;
    }
    sonoedge_frame_init(&given);
    given.pixels = pixels;
    given.width = given.height = 256;
    for (int times = 0; times < 2; times++) {
        int before = 1;
        while (before || strcmp(result.detail, "the connection to the service was lost") == 0) {
            given.captured_ns = sonoedge_now_ns();
            if (sonoedge_submit(handle, &given, NULL) == SONOEDGE_OK) {
                before = sonoedge_next(handle, &result, 20000) != SONOEDGE_OK;
            }
        }
        printf("reached\n");
        fflush(stdout);
        while (sonoedge_next(handle, &result, 10) != SONOEDGE_ERROR_NOT_CONNECTED) {
        }
        printf("away\n");
        fflush(stdout);
    }
    sonoedge_close(handle);
    return 0;
}

int main(int count, char **arguments) {
    sonoedge *handle = NULL;
    sonoedge_options options = {0};
    int code = 0;
    if (count == 3 && strcmp(arguments[1], "again") == 0) {
        return again(arguments[2]);
    }
    options.timeout_ms = 60000;
    if (count < 3 || sonoedge_open("bundle", NULL, &handle) != SONOEDGE_ERROR_UNSUPPORTED ||
        handle != NULL || sonoedge_connect(arguments[2], &options, &handle) != SONOEDGE_OK) {
        fprintf(stderr, "%s\n", sonoedge_last_message(handle));
        sonoedge_close(handle);
        return 1;
    }
    if (strcmp(arguments[1], "frame") == 0) {
        code = count == 6 ? frame(handle, arguments) : 1;
    } else {
        sonoedge_status status;
        await(handle, 1);
        await(handle, 0);
        (void)sonoedge_get_status(handle, &status);
        printf("%s %s\n", sonoedge_state_name(status.state), status.reasons);
    }
    sonoedge_close(handle);
    return code;
}
