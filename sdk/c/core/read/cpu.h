/* What this processor's 8-bit products give: device/cpu.py. */
#ifndef SONOEDGE_CORE_READ_CPU_H
#define SONOEDGE_CORE_READ_CPU_H

/* Whether sums of two 8-bit products saturate at 16 bits, as on x86 without VNNI or AMX. */
int so_int8_overflows(void);

#endif
