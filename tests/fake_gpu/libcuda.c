/* A stand-in for the driver's libcuda: one GPU, as the environment describes it. */
#include <stdio.h>
#include <stdlib.h>

static int number(const char *name, int otherwise) {
    const char *said = getenv(name);
    return said ? atoi(said) : otherwise;
}

int cuInit(unsigned flags) { return flags ? 1 : number("FAKE_GPU_INIT", 0); }
int cuDriverGetVersion(int *version) { *version = number("FAKE_GPU_CUDA", 12060); return 0; }
int cuDeviceGetCount(int *count) { *count = number("FAKE_GPU_COUNT", 1); return 0; }
int cuDeviceGet(int *device, int which) { *device = which; return which ? 101 : 0; }
int cuDeviceTotalMem_v2(size_t *bytes, int device) { *bytes = (size_t)8 << 30; return device; }
int cuDeviceGetName(char *name, int size, int device) {
    const char *said = getenv("FAKE_GPU_NAME");
    snprintf(name, size, "%s", said ? said : "Fake Orin");
    return device;
}
int cuDeviceGetAttribute(int *value, int which, int device) {
    *value = which == 75 ? 8 : which == 76 ? number("FAKE_GPU_MINOR", 7) : which == 18 ? 1 : -1;
    return *value < 0 ? 1 : device;
}
int cuGetErrorString(int code, const char **text) { *text = "a driver error on order"; return code == 0; }
