/* sonoedge.h: flag suspicious regions in live B-mode frames, from C99 or C++.
 *
 * One header, two ways to run it:
 *   sonoedge_connect  through the service `sonoedge serve`: engines, supervision, audit log and
 *                     recording live in its process; a crash there does not take yours down.
 *   sonoedge_open     in this process, by ONNX Runtime on its processor: no supervision, no audit
 *                     log, no recording, and a crash of the engine is one of your process. A build
 *                     of the client alone gives SONOEDGE_ERROR_UNSUPPORTED.
 *
 * A handle may be used by one thread at a time; sonoedge_valid by any, until it is closed. No call
 * but sonoedge_connect, sonoedge_open, sonoedge_close and a sonoedge_next with a timeout waits for
 * anything else than this frame's own work. Research and engineering software: not for diagnosis.
 */
#ifndef SONOEDGE_H
#define SONOEDGE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SONOEDGE_API_VERSION 1

/* Bounds, the same on both sides of the socket. */
#define SONOEDGE_MAX_SIDE 8192
#define SONOEDGE_MAX_REGIONS 256
#define SONOEDGE_MAX_POINTS 2048 /* of one contour; a longer one is thinned and marked */
#define SONOEDGE_MAX_LABELS 64
#define SONOEDGE_MAX_REASONS 8
#define SONOEDGE_MAX_TEXT 256 /* bytes of a name or a sentence, its end included */

/* What a call came to. Every call that can fail returns one; sonoedge_error_name names it. */
typedef enum sonoedge_error {
    SONOEDGE_OK = 0,
    SONOEDGE_ERROR_ARGUMENT = 1,      /* a null pointer, a size, a format that cannot be */
    SONOEDGE_ERROR_NOT_CONNECTED = 2, /* no service answers; the next calls try again */
    SONOEDGE_ERROR_REFUSED = 3,       /* the service refused: sonoedge_last_message says why */
    SONOEDGE_ERROR_VERSION = 4,       /* the two sides speak no common version */
    SONOEDGE_ERROR_FRAME_TOO_LARGE = 5, /* more bytes, at 1 or 3 a pixel, than a slot has: 32 MiB */
    SONOEDGE_ERROR_NOTHING_NEW = 6, /* sonoedge_next: no result within the time */
    SONOEDGE_ERROR_MEMORY = 7,
    SONOEDGE_ERROR_SYSTEM = 8,        /* a system call failed: sonoedge_last_message */
    SONOEDGE_ERROR_BUNDLE = 9,        /* sonoedge_open: damaged, refused, or not for this library */
    SONOEDGE_ERROR_ENGINE = 10,       /* sonoedge_open: no ONNX Runtime, or it failed */
    SONOEDGE_ERROR_WRONG_ANSWER = 11, /* sonoedge_open: a golden frame was answered wrongly */
    SONOEDGE_ERROR_UNSUPPORTED = 12   /* this implementation has no such call */
} sonoedge_error;

/* Of pixels in memory, first row on top. */
typedef enum sonoedge_format {
    SONOEDGE_GREY8 = 1,
    SONOEDGE_BGR24 = 2,
    SONOEDGE_BGRA32 = 3 /* the fourth byte is ignored */
} sonoedge_format;

#define SONOEDGE_FRAME_FROZEN 1u  /* the operator has frozen the picture */
#define SONOEDGE_FRAME_INVALID 2u /* the source says that this is no valid picture */

/* One frame. Fill it with sonoedge_frame_init, then set what is known. */
typedef struct sonoedge_frame {
    const uint8_t *pixels; /* copied by sonoedge_submit: yours again when it returns */
    uint32_t width;        /* pixels, 1 to SONOEDGE_MAX_SIDE */
    uint32_t height;       /* pixels, 1 to SONOEDGE_MAX_SIDE */
    size_t stride;         /* bytes from a row to the next; 0: rows touch */
    sonoedge_format format;
    uint32_t flags;           /* SONOEDGE_FRAME_... */
    int64_t captured_ns;      /* CLOCK_MONOTONIC; sonoedge_now_ns() where the source has none */
    double spacing_row_mm;    /* from a row to the next; 0: not known */
    double spacing_column_mm; /* from a column to the next; 0: not known */
    double pixel_aspect;      /* width of a pixel over its height; 0: not known */
    double depth_mm;          /* imaging depth; 0: not known */
    double gain_db;           /* overall gain; NAN: not known */
    int32_t roi[4];           /* x0, y0, x1, y1 of the picture within the pixels; all 0: not known */
    const char *probe;        /* UTF-8, or NULL */
    const char *preset;       /* UTF-8, or NULL */
} sonoedge_frame;

/* All that is zero says NOT_ANALYSED: a result that nobody filled in is no finding. */
typedef enum sonoedge_outcome {
    SONOEDGE_NOT_ANALYSED = 0, /* says nothing about the picture: see reasons */
    SONOEDGE_ANALYSED = 1      /* with no region: nothing was found (where localised) */
} sonoedge_outcome;

#define SONOEDGE_REGION_FLAGGED 1u       /* suspicion has reached the operating threshold */
#define SONOEDGE_REGION_TRACK_FLAGGED 2u /* it stayed suspicious over several frames */
#define SONOEDGE_REGION_HAS_MM 4u        /* area_mm2, width_mm and height_mm are known */
#define SONOEDGE_REGION_CONTOUR_CUT 8u   /* the contour had more points and was thinned */

typedef struct sonoedge_region {
    const int32_t *contour; /* points x, y, x, y, ... in source pixels; closed */
    uint32_t points;
    uint32_t flags;   /* SONOEDGE_REGION_... */
    int64_t track_id; /* the same region over frames; -1: nothing tracks */
    int32_t box[4];   /* x0, y0, x1, y1 in source pixels; x1 and y1 exclusive */
    double area_px;
    double area_mm2;
    double width_mm;
    double height_mm;
    double suspicion;          /* probability, 0 to 1 */
    const double *class_probs; /* one per label; NULL without a classifier */
} sonoedge_region;

typedef struct sonoedge_result {
    sonoedge_outcome outcome;
    int flagged;       /* 1 or 0; some region, or the frame, has reached the threshold */
    int temporal_flag; /* 1 or 0; -1: nothing tracks, or not analysed */
    int localised;     /* 0: the network grades the whole frame and finds no regions */
    uint64_t frame_id; /* as sonoedge_submit gave it */
    int64_t captured_ns;
    int64_t valid_until_ns; /* later than this it must not be shown as live */
    double age_ms;          /* from capture to this result */
    double suspicion;       /* highest of the regions', or the frame's; NAN: there is none */
    const sonoedge_region *regions; /* most suspicious first */
    uint32_t region_count;
    uint32_t reason_count;
    const int32_t *reasons; /* sonoedge_reason_name names each */
    const char *detail;     /* one sentence for a log; "" where the reasons say it all */
    const double *class_probs; /* of the frame, one per label; NULL without a classifier */
} sonoedge_result;

typedef enum sonoedge_state {
    SONOEDGE_UNAVAILABLE = 0,
    SONOEDGE_STARTING = 1,
    SONOEDGE_READY = 2,
    SONOEDGE_DEGRADED = 3,
    SONOEDGE_PAUSED = 4,
    SONOEDGE_FAULT = 5
} sonoedge_state;

typedef struct sonoedge_status {
    sonoedge_state state;
    /* Texts last until the handle's next call. */
    const char *reasons;    /* tokens with a blank between; "" where all is well; NOT_CONNECTED and
                             * SERVICE_SILENT are the client's own */
    int64_t valid_until_ns; /* as sonoedge_valid reads it */
    uint64_t submitted;     /* by this handle: analysed + not_analysed + superseded + in flight */
    uint64_t analysed;
    uint64_t not_analysed;
    uint64_t superseded;
    const char *bundle_id;
    const char *runtime; /* "onnxruntime", "openvino", ... */
    const char *precision;
    const char *variant;
    const char *const *labels;
    uint32_t label_count;
    double flag_threshold;
} sonoedge_status;

typedef struct sonoedge_options {
    const char *stream;       /* connect: name of this stream; NULL: one is made up */
    const char *variant;      /* open: id of the bundle's variant; NULL: the fastest that runs */
    const char *onnxruntime;  /* open: path of libonnxruntime.so; NULL: looked for */
    uint32_t threads;         /* open: of the engine; 0: as many as there are cores */
    uint32_t timeout_ms;      /* connect: for the first answer; 0: 5000 */
    uint32_t max_age_ms;      /* a result is valid for so long after capture; 0: 500 */
    const char *manifest_sha256; /* open: of the bundle's manifest.json, 64 hexadecimal digits;
                                  * another one is refused. NULL: any, where the device has no
                                  * policy of trust; where it has one, this is needed, as
                                  * signatures are not checked in process */
} sonoedge_options;

typedef struct sonoedge sonoedge;

/* Handles. Options that are zero take their defaults. Whatever is not NULL is to be closed.
 *
 * Connecting: *out is NULL after an error, but for SONOEDGE_ERROR_NOT_CONNECTED, _REFUSED and
 * _VERSION: that handle tries again by itself in later calls, so that a host may start before the
 * service; sonoedge_last_message says why. */
sonoedge_error sonoedge_connect(const char *socket, const sonoedge_options *options, sonoedge **out);
/* Opening checks every file of the bundle by its digest, loads ONNX Runtime and the network, and
 * asks the golden frames. After an error *out is NULL, or a handle that analyses nothing: all its
 * calls give that error, and sonoedge_last_message says why.
 * ONNX Runtime is told by the environment (ORT_DISABLE_TELEMETRY) to report on nobody: open before
 * other threads read the environment, or set it yourself. */
sonoedge_error sonoedge_open(const char *bundle, const sonoedge_options *options, sonoedge **out);
void sonoedge_close(sonoedge *handle); /* NULL is fine */

/* Frames and results. Submitting never waits for the engine through the service; in process it
 * analyses the frame, and its result can be read at once. A frame that still waits is superseded
 * by the next one. A service that takes no frames any more gives SONOEDGE_ERROR_NOT_CONNECTED: that
 * frame was not submitted. Where the connection is lost, sonoedge_next gives the last frame as
 * NOT_ANALYSED, with UNAVAILABLE. */
void sonoedge_frame_init(sonoedge_frame *frame);
sonoedge_error sonoedge_submit(sonoedge *handle, const sonoedge_frame *frame, uint64_t *frame_id);
/* The newest result that was not read yet; older ones are dropped. What it points to belongs to
 * the handle and lasts until the next call of sonoedge_next or sonoedge_close.
 * timeout_ms: 0 looks and returns at once, as every call does in process. */
sonoedge_error sonoedge_next(sonoedge *handle, sonoedge_result *result, uint32_t timeout_ms);
/* A descriptor that is readable when a result may be there, for poll(); -1: there is none now. */
int sonoedge_descriptor(const sonoedge *handle);

/* Whether the analysis may be relied on at this moment: one word is read, no system call made.
 * 0 within 250 ms of a service that died, hangs or was stopped; in process, while a submit takes
 * longer than that. */
int sonoedge_valid(const sonoedge *handle, int64_t now_ns);
sonoedge_error sonoedge_get_status(sonoedge *handle, sonoedge_status *status);
int64_t sonoedge_now_ns(void); /* CLOCK_MONOTONIC */

/* Words. Never NULL; texts of the library itself, but for sonoedge_last_message, which lasts
 * until the handle's next call. */
const char *sonoedge_error_name(sonoedge_error error);
const char *sonoedge_reason_name(int32_t reason);
const char *sonoedge_state_name(sonoedge_state state);
const char *sonoedge_last_message(const sonoedge *handle);

#ifdef __cplusplus
}
#endif

#endif
