/* A probe's loop: raw grey frames from standard input are analysed, a line for each result comes
 * out. Through the service, where a socket is named; in this process, where a bundle's folder is:
 *
 *     make -C examples/firmware
 *     examples/firmware/probe_loop /run/sonoedge/sonoedge.sock 640 480 < frames.grey
 *     examples/firmware/probe_loop BUNDLE 640 480 LIBONNXRUNTIME < frames.grey
 *
 * For research and engineering: not for diagnosis.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "sonoedge.h"

/* What a host shows. "Not analysed" has words of its own: it is never "nothing found". */
static void show(const sonoedge_result *result, int64_t now_ns)
{
    uint32_t i;

    printf("frame %" PRIu64 ": ", result->frame_id);
    if (result->outcome != SONOEDGE_ANALYSED) {
        printf("NOT ANALYSED");
        for (i = 0; i < result->reason_count; i++)
            printf(" %s", sonoedge_reason_name(result->reasons[i]));
    } else if (now_ns > result->valid_until_ns) {
        printf("NOT ANALYSED STALE");
    } else if (result->region_count == 0 && result->localised) {
        printf("nothing found");
    } else {
        printf("suspicion %.2f%s, %" PRIu32 " regions", result->suspicion,
               result->flagged ? " FLAGGED" : "", result->region_count);
    }
    printf("\n");
    fflush(stdout);
}

/* A width or height in pixels; 0 where the word is none. */
static uint32_t side(const char *word)
{
    char *end;
    unsigned long value = strtoul(word, &end, 10);

    return *end == '\0' && value <= SONOEDGE_MAX_SIDE ? (uint32_t)value : 0;
}

/* The only line that differs between the two: everything after it is the same. */
static sonoedge_error reach(const char *place, const char *onnxruntime, sonoedge **handle)
{
    sonoedge_options options = {0};
    struct stat found;

    options.onnxruntime = onnxruntime;
    if (stat(place, &found) == 0 && S_ISDIR(found.st_mode))
        return sonoedge_open(place, &options, handle);
    return sonoedge_connect(place, &options, handle);
}

int main(int count, char **words)
{
    sonoedge *handle = NULL;
    sonoedge_frame frame;
    sonoedge_result result;
    sonoedge_error error;
    uint8_t *pixels;
    size_t size, got;

    sonoedge_frame_init(&frame);
    frame.width = count == 4 || count == 5 ? side(words[2]) : 0;
    frame.height = count == 4 || count == 5 ? side(words[3]) : 0;
    frame.format = SONOEDGE_GREY8;
    size = (size_t)frame.width * frame.height;
    if (size == 0) {
        fprintf(stderr, "usage: probe_loop SOCKET|BUNDLE WIDTH HEIGHT [LIBONNXRUNTIME] < FRAMES\n"
                        "sides are 1 to %d pixels\n", SONOEDGE_MAX_SIDE);
        return 2;
    }
    pixels = malloc(size);
    error = SONOEDGE_ERROR_MEMORY;
    if (pixels != NULL)
        error = reach(words[1], count == 5 ? words[4] : NULL, &handle);
    if (error != SONOEDGE_OK) {
        fprintf(stderr, "no analysis by %s: %s %s\n", words[1], sonoedge_error_name(error),
                sonoedge_last_message(handle));
        sonoedge_close(handle);
        free(pixels);
        return 1;
    }
    frame.pixels = pixels;
    while ((got = fread(pixels, 1, size, stdin)) == size) {
        frame.captured_ns = sonoedge_now_ns();
        if (sonoedge_submit(handle, &frame, NULL) != SONOEDGE_OK)
            fprintf(stderr, "%s\n", sonoedge_last_message(handle));
        /* At the pace of the probe: whatever has come by the next frame is shown. */
        while (sonoedge_next(handle, &result, 33) == SONOEDGE_OK)
            show(&result, sonoedge_now_ns());
        if (!sonoedge_valid(handle, sonoedge_now_ns()))
            printf("NO ANALYSIS: what is shown is a picture alone\n");
    }
    sonoedge_close(handle);
    free(pixels);
    if (got != 0) {
        /* Of another size, every frame before was a wrong picture as well. */
        fprintf(stderr, "the last frame has %zu of %zu bytes: are its sides right?\n", got, size);
        return 1;
    }
    return 0;
}
