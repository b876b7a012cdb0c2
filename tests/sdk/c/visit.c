/* A host that does all it can with whatever service stands at a socket: `visit SOCKET [FRAMES]`.
 *
 * Says what each call came to, and at the end what it has left behind: descriptors, memories.
 */
#include "sonoedge.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t pixels[48 * 64];
static volatile double seen; /* so that every byte of an answer is read */

static int descriptors(void) {
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (folder != NULL && readdir(folder) != NULL) {
        count++;
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return count;
}

static int memories(void) {
    char line[512];
    int count = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
        count += strstr(line, "memfd:") != NULL;
    }
    if (maps != NULL) {
        fclose(maps);
    }
    return count;
}

static void read_all(const sonoedge_result *result, uint32_t labels) {
    seen += result->suspicion + result->age_ms + (double)strlen(result->detail);
    for (uint32_t i = 0; result->class_probs != NULL && i < labels; i++) {
        seen += result->class_probs[i];
    }
    for (uint32_t i = 0; i < result->reason_count; i++) {
        seen += (double)strlen(sonoedge_reason_name(result->reasons[i]));
    }
    for (uint32_t i = 0; i < result->region_count; i++) {
        const sonoedge_region *region = &result->regions[i];
        seen += region->suspicion + region->box[3];
        for (uint32_t k = 0; region->class_probs != NULL && k < labels; k++) {
            seen += region->class_probs[k];
        }
        for (uint32_t k = 0; k < 2 * region->points; k++) {
            seen += region->contour[k];
        }
    }
}

static uint32_t look(sonoedge *handle) {
    sonoedge_status status;
    sonoedge_error error = sonoedge_get_status(handle, &status);
    printf("status %s %s [%s] %d\n", sonoedge_error_name(error), sonoedge_state_name(status.state),
           status.reasons, sonoedge_valid(handle, sonoedge_now_ns()));
    for (uint32_t i = 0; i < status.label_count; i++) {
        seen += (double)strlen(status.labels[i]);
    }
    return status.label_count;
}

static void take_turn(sonoedge *handle) {
    sonoedge_frame frame;
    sonoedge_result result;
    sonoedge_error error;
    uint64_t id = 0;
    uint32_t labels;
    sonoedge_frame_init(&frame);
    frame.pixels = pixels;
    frame.width = 64;
    frame.height = 48;
    frame.captured_ns = sonoedge_now_ns();
    error = sonoedge_submit(handle, &frame, &id);
    printf("submit %s\n", sonoedge_error_name(error));
    error = sonoedge_next(handle, &result, 100);
    labels = look(handle);
    printf("next %s %d %d [%s]\n", sonoedge_error_name(error), (int)result.outcome, result.flagged,
           result.reason_count != 0 ? sonoedge_reason_name(result.reasons[0]) : "");
    if (error == SONOEDGE_OK) {
        read_all(&result, labels);
    }
}

int main(int count, char **arguments) {
    sonoedge *handle = NULL;
    sonoedge_options options = {0};
    int before = descriptors();
    int frames = count == 3 ? atoi(arguments[2]) : 3;
    if (count < 2) {
        return 2;
    }
    for (size_t i = 0; i < sizeof pixels; i++) {
        pixels[i] = (uint8_t)(60 + i * 31 % 140);
    }
    options.timeout_ms = 200;
    printf("connect %s", sonoedge_error_name(sonoedge_connect(arguments[1], &options, &handle)));
    printf(" [%s]\n", sonoedge_last_message(handle));
    for (int i = 0; i < frames; i++) {
        take_turn(handle);
    }
    sonoedge_close(handle);
    printf("left %d %d\n", descriptors() - before, memories());
    return 0;
}
