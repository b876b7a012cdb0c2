from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sonoedge_bench.machine.conditions import Monitor, machine_state, throttling

Write = Callable[..., None]


def test_the_monitor_keeps_what_it_sees_and_whatever_slows_the_machine(
    tmp_path: Path, write: Write, clock: Any
) -> None:
    zone, core = "sys/class/thermal/thermal_zone0", "sys/devices/system/cpu/cpu0/cpufreq"
    write(f"{zone}/type", "cpu", f"{zone}/temp", "60000", f"{core}/scaling_cur_freq", "1500000")
    write(f"proc/{os.getpid()}/status", "VmRSS:\t 2048 kB\n", "proc/99/status", "VmRSS:\t1024 kB\n")
    second = os.sysconf("SC_CLK_TCK")
    write("proc/stat", f"cpu  {second} 0 0 0 0 0 0 0 0 0\n")
    monitor = Monitor(
        lambda: 99, sys=tmp_path / "sys", proc=tmp_path / "proc", capacity=1, clock_ns=clock
    )
    monitor.sample()
    write(f"{zone}/temp", "80000", f"{core}/scaling_cur_freq", "900000")
    write("sys/class/thermal/cooling_device0/type", "cpu-throttle")
    write("sys/class/thermal/cooling_device0/cur_state", "2")
    write("proc/stat", f"cpu  {1.5 * second:.0f} 0 0 9 0 0 0 {second / 4:.0f} 0 0\n")
    clock.forward_ms(1000)
    monitor.sample()
    assert monitor.columns() == {
        "t_s": (0.0, 1.0),
        "mhz_mean": (1500.0, 900.0),
        "mhz_min": (1500.0, 900.0),
        "temperature_max_c": (60.0, 80.0),
        "busy_cores": (None, 0.5),
        "stolen_cores": (None, 0.25),
        "host_rss_mib": (2.0, 2.0),
        "worker_rss_mib": (1.0, 1.0),
    }
    assert monitor.throttled_by == ["cpu-throttle 2"]
    assert monitor.steady("temperature_max_c") == 80.0
    assert monitor.steady("host_anonymous_mib") is None


def test_throttling_is_what_was_counted_in_between_or_seen_at_any_moment(tmp_path: Path) -> None:
    none = machine_state(tmp_path / "sys", tmp_path / "proc")
    before = dataclasses.replace(none, throttle_counts={"core": 5, "quota": 1})
    after = dataclasses.replace(
        none, throttle_counts={"core": 5, "quota": 4, "package": 9}, throttled_by=("fan? no",)
    )
    assert throttling(before, after, ["cpu-throttle 1"]) == (
        "quota: 3 events",
        "cpu-throttle 1",
        "fan? no",
    )


def test_conditions_of_a_machine_that_says_nothing_are_empty_and_not_made_up(
    tmp_path: Path,
) -> None:
    state = machine_state(tmp_path / "sys", tmp_path / "proc")
    assert state.core_mhz == state.clock_domains == state.throttled_by == ()
    assert state.boost is state.gpu_mhz is state.load is None
    assert state.temperatures_c == {}
