"""Energy that the machine has used, where a sensor can be read.

Two kinds: counters of joules (RAPL, in x86 processors), and sensors of watts (INA3221
and INA238 on a Jetson), which are read again and again and summed over time. Both
measure the whole package or module, other work included, and not one process.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from sonoedge_bench.machine.files import number, numbered, text

SYS: Final = Path("/sys")
EVERY_S: Final = 0.05


class Energy(Protocol):
    """A source of joules; only differences mean something."""

    @property
    def name(self) -> str: ...

    def joules(self) -> float:
        """Used until now, since some moment in the past."""
        ...

    def close(self) -> None: ...


class Rapl:
    """Joules of all processor packages (powercap's intel-rapl zones; AMD's bear that name too).

    Counters wrap around at `max_energy_range_uj`, after minutes on a busy package:
    whoever reads less often than that loses a turn.
    """

    def __init__(self, zones: list[Path]) -> None:
        self._zones = [(z, number(z / "max_energy_range_uj") or 0) for z in zones]
        self._last = [number(z / "energy_uj") or 0 for z in zones]
        self._used_uj = 0
        self._lock = threading.Lock()  # the monitor reads as well

    @property
    def name(self) -> str:
        """What is measured."""
        return f"RAPL, {len(self._zones)} package{'s' if len(self._zones) > 1 else ''}"

    def joules(self) -> float:
        """Used since this was made."""
        with self._lock:
            for at, (zone, wrap) in enumerate(self._zones):
                value = number(zone / "energy_uj")
                if value is None:
                    continue
                step = value - self._last[at]
                self._used_uj += step + wrap if step < 0 else step
                self._last[at] = value
            return self._used_uj / 1e6

    def close(self) -> None:
        """Nothing to close."""


class Watts:
    """Joules from a sensor of watts, read every 50 ms by a thread and summed (trapezoids)."""

    def __init__(
        self,
        name: str,
        watts: Callable[[], float | None],
        *,
        every_s: float = EVERY_S,
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self.name = name
        self._watts, self._every_s, self._clock_ns = watts, every_s, clock_ns
        self._lock = threading.Lock()
        self._joules, self._last_w, self._last_ns = 0.0, watts() or 0.0, clock_ns()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sonoedge-watts", daemon=True)
        self._thread.start()

    def joules(self) -> float:
        """Used since this was made."""
        with self._lock:
            now_w, now_ns = self._watts(), self._clock_ns()
            if now_w is not None:
                self._joules += (now_w + self._last_w) / 2 * (now_ns - self._last_ns) / 1e9
                self._last_w, self._last_ns = now_w, now_ns
            return self._joules

    def close(self) -> None:
        """End the thread."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(self._every_s):
            self.joules()


def energy(sys: Path = SYS) -> Energy | None:
    """This machine's source of joules, or None where none can be read (often: not as this user)."""
    zones = [
        zone
        for zone in numbered(sys / "class/powercap", "intel-rapl:")
        if (text(zone / "name") or "").startswith("package") and number(zone / "energy_uj")
    ]
    if zones:
        return Rapl(zones)
    for device in numbered(sys / "class/hwmon", "hwmon"):
        kind = text(device / "name")
        if kind == "ina238" and number(device / "power1_input") is not None:
            return Watts("INA238, whole board", lambda d=device: ina238_w(d))  # type: ignore[misc]
        if kind == "ina3221":
            rail = _module_rail(device)
            if rail is not None:
                return Watts(
                    "INA3221, VDD_IN",
                    lambda d=device, r=rail: ina3221_w(d, r),  # type: ignore[misc]
                )
    return None


def ina3221_w(device: Path, rail: int) -> float | None:
    """Watts of one rail: millivolts times milliamperes."""
    volts, amperes = number(device / f"in{rail}_input"), number(device / f"curr{rail}_input")
    return None if volts is None or amperes is None else volts * amperes / 1e6


def ina238_w(device: Path) -> float | None:
    """Watts, which the sensor gives in microwatts."""
    micro = number(device / "power1_input")
    return None if micro is None else micro / 1e6


def _module_rail(device: Path) -> int | None:
    """The rail that feeds the whole module: VDD_IN on Orin Nano, Orin NX and Xavier NX."""
    for rail in (1, 2, 3):
        if text(device / f"in{rail}_label") == "VDD_IN":
            return rail
    return None
