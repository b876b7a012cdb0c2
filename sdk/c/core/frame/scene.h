/* What tracks hang on, a picture's scale and content: tracker_state.Scene. */
#ifndef SONOEDGE_CORE_FRAME_SCENE_H
#define SONOEDGE_CORE_FRAME_SCENE_H

#include "picture.h"

struct so_scene {
    const char *probe, *preset; /* NULL: the frame says nothing */
    int has_depth_mm;
    double depth_mm;
    int32_t width, height;
    int32_t roi[4];
    double aspect;
};

/* A scene that outlives its frame. All zero: none was kept. */
struct so_kept_scene {
    struct so_scene scene; /* its texts are in `names` */
    struct so_buffer names;
};

/* Keep a scene, its texts copied. 0, or -1 without memory. */
int so_scene_keep(struct so_kept_scene *kept, const struct so_scene *scene);
int so_scene_is(const struct so_kept_scene *kept, const struct so_scene *scene);

#endif
