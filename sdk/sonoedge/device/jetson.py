"""What a Jetson says of itself, and how its clocks are set; files only, nothing is run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

RELEASE: Final = Path("/etc/nv_tegra_release")
MODEL: Final = Path("/proc/device-tree/model")
POWER_MODE: Final = Path("/var/lib/nvpmodel/status")
GOVERNOR: Final = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
# L4T's release, or as much of it as is known: JetPack's
JETPACK: Final = {
    "35": "5",
    "36": "6",
    "36.4.3": "6.2",
    "36.4.4": "6.2.1",
    "36.5": "6.2.2",
    "38": "7",
    "38.2": "7.0",
    "38.4": "7.1",
    "39": "7",
    "39.2.0": "7.2",
    "39.2.1": "7.2.1",
}


def first_line(file: Path) -> str | None:
    """A file's first line, or None where it cannot be read or is empty."""
    try:
        return file.read_text(errors="replace").partition("\n")[0].strip(" \0\r\n") or None
    except OSError:
        return None


def l4t(file: Path = RELEASE) -> str | None:
    """Version of Linux for Tegra, such as "36.4.3"; None where this is no Jetson."""
    match = re.match(r"# R(\d+) \(release\), REVISION: ([\d.]+)", first_line(file) or "")
    return None if match is None else f"{match[1]}.{match[2]}"


def jetpack(version: str | None) -> str | None:
    """JetPack's version for one of L4T, as exactly as it is known; None where it is not."""
    parts = [] if version is None else version.split(".")
    longest_first = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next((JETPACK[part] for part in longest_first if part in JETPACK), None)


def conditions() -> dict[str, str | None]:
    """What decides how fast a run is besides the machine itself; None where nobody says."""
    return {
        "governor": first_line(GOVERNOR),
        "power_mode": first_line(POWER_MODE),
        "model": first_line(MODEL),
        "l4t": l4t(),
    }
