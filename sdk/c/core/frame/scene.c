/* Scenes, kept and compared. */
#include "scene.h"

#include <string.h>

/* Bytes of a text with its end; 0 for none. */
static size_t room_of(const char *text) {
    return text == NULL ? 0 : strlen(text) + 1;
}

static const char *copied(char *to, const char *text) {
    return text == NULL ? NULL : memcpy(to, text, room_of(text));
}

int so_scene_keep(struct so_kept_scene *kept, const struct so_scene *scene) {
    const size_t probe = room_of(scene->probe), preset = room_of(scene->preset);
    if (so_buffer_hold(&kept->names, probe + preset, 1, 0) != 0) {
        return -1;
    }
    char *names = kept->names.bytes;
    kept->scene = *scene;
    kept->scene.probe = copied(names, scene->probe);
    kept->scene.preset = copied(names == NULL ? NULL : names + probe, scene->preset);
    return 0;
}

static int is_same_text(const char *a, const char *b) {
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

int so_scene_is(const struct so_kept_scene *kept, const struct so_scene *scene) {
    const struct so_scene *own = &kept->scene;
    return is_same_text(own->probe, scene->probe) && is_same_text(own->preset, scene->preset) &&
           own->has_depth_mm == scene->has_depth_mm &&
           (!own->has_depth_mm || own->depth_mm == scene->depth_mm) &&
           own->width == scene->width && own->height == scene->height &&
           memcmp(own->roi, scene->roi, sizeof own->roi) == 0 && own->aspect == scene->aspect;
}
