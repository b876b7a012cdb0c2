/* Numbers as words. The service has states and reasons in sdk/sonoedge/service/codes.py. */
#include "../sonoedge.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *const ERRORS[] = {
    "OK",
    "ARGUMENT",
    "NOT_CONNECTED",
    "REFUSED",
    "VERSION",
    "FRAME_TOO_LARGE",
    "NOTHING_NEW",
    "MEMORY",
    "SYSTEM",
    "BUNDLE",
    "ENGINE",
    "WRONG_ANSWER",
    "UNSUPPORTED",
};

static const char *const STATES[] = {"UNAVAILABLE", "STARTING", "READY",
                                     "DEGRADED",    "PAUSED",   "FAULT"};

/* By number, from 1 on; a new one comes at the end. */
static const char *const REASONS[] = {
    "WRONG_DTYPE",
    "WRONG_SHAPE",
    "EMPTY",
    "CONSTANT",
    "SATURATED",
    "FRAME_FROZEN",
    "FRAME_INVALID",
    "BLACK",
    "COLOUR_BARS",
    "COLOUR_OVERLAY",
    "NO_CONTACT",
    "WRONG_ASPECT",
    "SPACING_MISSING",
    "SPACING_INVALID",
    "PROBE_NOT_ALLOWED",
    "PRESET_NOT_ALLOWED",
    "OUT_OF_SCOPE",
    "SOURCE_LOST",
    "STALE",
    "DEADLINE_MISSED",
    "ENGINE_CRASHED",
    "STARTING",
    "PAUSED",
    "UNAVAILABLE",
    "FAULT",
    "ENGINE_FAILED",
    "ENGINE_OUTPUT_INVALID",
    "INTERNAL_ERROR",
    "CLOSED",
    "CAPTURE_TIME_INVALID",
    "CAPTURE_CLOCK_NOT_MONOTONIC",
    "METADATA_INVALID",
    "FORKED",
    "OUT_OF_TAUGHT_SCOPE",
};

const char *sonoedge_error_name(sonoedge_error error) {
    size_t index = (size_t)(unsigned int)error;
    return index < COUNT(ERRORS) ? ERRORS[index] : "UNKNOWN";
}

const char *sonoedge_state_name(sonoedge_state state) {
    size_t index = (size_t)(unsigned int)state;
    return index < COUNT(STATES) ? STATES[index] : "UNKNOWN";
}

const char *sonoedge_reason_name(int32_t reason) {
    if (reason < 1 || (size_t)reason > COUNT(REASONS)) {
        return "UNKNOWN";
    }
    return REASONS[reason - 1];
}
