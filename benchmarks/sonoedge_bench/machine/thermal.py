"""Temperatures, and every sign of throttling that the kernel shows."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sonoedge_bench.machine.files import number, numbered, text

SYS: Final = Path("/sys")

# /sys/class/thermal/cooling_device*: those that slow the machine down. A fan cools
# without doing so.
SLOWING: Final = ("processor", "cpu", "gpu", "throttle", "freq", "powerclamp", "alert")

# Raspberry Pi's kernel; bits 0 to 3 are now, 16 to 19 since the start of the machine:
# under-voltage, clock capped, throttled, soft temperature limit.
PI_THROTTLED: Final = (
    "devices/platform/soc/soc:firmware/get_throttled",
    "devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled",
)


def temperatures_c(sys: Path = SYS) -> dict[str, float]:
    """Degrees Celsius by thermal zone; a zone that says nothing now is left out."""
    result: dict[str, float] = {}
    for zone in numbered(sys / "class/thermal", "thermal_zone"):
        milli = number(zone / "temp")
        if milli is not None:
            name = text(zone / "type") or zone.name
            result[name if name not in result else f"{name} {zone.name}"] = milli / 1000
    return result


def throttle_counts(sys: Path = SYS, cgroup: Path | None = None) -> dict[str, int]:
    """Events counted since the machine started: only a difference says something.

    `core` and `package` are those of x86 processors, `quota` the periods in which the
    control group had used up its time (`cpu.stat`, of this process's own group).
    """
    result: dict[str, int] = {}
    for core in numbered(sys / "devices/system/cpu", "cpu"):
        for kind in ("core", "package"):
            events = number(core / f"thermal_throttle/{kind}_throttle_count")
            if events is not None:
                result[kind] = result.get(kind, 0) + events
    group = own_group(sys) if cgroup is None else cgroup
    try:
        for line in (group / "cpu.stat").read_text().splitlines():
            key, _, value = line.partition(" ")
            if key == "nr_throttled":
                result["quota"] = int(value)
    except (OSError, ValueError):
        pass
    return result


def throttled_by(sys: Path = SYS) -> list[str]:
    """What slows the machine down at this moment, by the kernel's names; empty: nothing known."""
    result = []
    for device in numbered(sys / "class/thermal", "cooling_device"):
        kind = text(device / "type") or device.name
        state = number(device / "cur_state")
        if state and any(word in kind.lower() for word in SLOWING):
            result.append(f"{kind} {state}")
    for path in PI_THROTTLED:
        line = text(sys / path)
        bits = 0
        if line is not None:
            try:
                bits = int(line, 16)  # written without 0x
            except ValueError:
                bits = 0
        for bit, name in enumerate(("under-voltage", "clock capped", "throttled", "too warm")):
            if bits >> bit & 1:
                result.append(name)
    return result


def own_group(sys: Path = SYS, membership: Path = Path("/proc/self/cgroup")) -> Path:
    """The folder of this process's control group (version 2), or the root's."""
    try:
        for line in membership.read_text().splitlines():
            number_, _, path = line.partition("::")
            if number_ == "0" and path:
                return sys / "fs/cgroup" / path.lstrip("/")
    except OSError:
        pass
    return sys / "fs/cgroup"
