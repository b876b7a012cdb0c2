/* Each cell moves down the map's slope to the crossing, by less than a cell and a half. */
#include "subcell.h"

static float level_at(const struct so_image *map, const int32_t within[4], int32_t x, int32_t y) {
    x = x < within[0] ? within[0] : x >= within[2] ? within[2] - 1 : x;
    y = y < within[1] ? within[1] : y >= within[3] ? within[3] - 1 : y;
    return (float)*so_pixel(map, x, y);
}

/* The slope towards the lower neighbour, with the sign of its side. */
static float fall_to(float itself, float before, float after) {
    const float lower = before < after ? before : after;
    const float fall = itself - lower > 0.0f ? itself - lower : 0.0f;
    return before > after ? fall : before < after ? -fall : 0.0f;
}

void so_crossing(const struct so_image *map, const int32_t within[4], const int32_t cell[2],
                 int level, double point[2]) {
    const int32_t x = cell[0], y = cell[1];
    const float itself = level_at(map, within, x, y);
    const float across = fall_to(itself, level_at(map, within, x - 1, y),
                                 level_at(map, within, x + 1, y));
    const float down = fall_to(itself, level_at(map, within, x, y - 1),
                               level_at(map, within, x, y + 1));
    const float above = itself - (float)((double)level - 0.5);
    const float squares = across * across + down * down, least = above * above;
    const float share = above / (squares > least ? squares : least);
    point[0] = (double)x + (double)(across * share);
    point[1] = (double)y + (double)(down * share);
}
