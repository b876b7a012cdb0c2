from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sonoedge_bench.document.machine import ClockDomain
from sonoedge_bench.machine.clocks import boost, clock_domains, core_mhz, gpu_mhz

Write = Callable[..., None]


def test_clocks_come_from_cpufreq_and_from_cpuinfo_where_there_is_none(
    tmp_path: Path, write: Write
) -> None:
    write("proc/cpuinfo", "cpu MHz\t\t: 2445.404\nflags\t: fpu\ncpu MHz\t\t: 2400.000\n")
    assert core_mhz(tmp_path / "sys", tmp_path / "proc") == [2445.404, 2400.0]
    cpu = "sys/devices/system/cpu"
    for core, khz in ((0, "1800000"), (1, "600000")):
        write(f"{cpu}/cpu{core}/cpufreq/scaling_cur_freq", khz)
    assert core_mhz(tmp_path / "sys", tmp_path / "proc") == [1800.0, 600.0]
    assert core_mhz(tmp_path / "no", tmp_path / "no") == []


def test_each_clock_domain_says_its_governor_and_limits(tmp_path: Path, write: Write) -> None:
    policy = "devices/system/cpu/cpufreq/policy0"
    write(f"{policy}/scaling_governor", "schedutil\n", f"{policy}/scaling_max_freq", "2400000\n")
    assert clock_domains(tmp_path) == (
        ClockDomain(governor="schedutil", driver=None, min_mhz=None, max_mhz=2400.0),
    )
    assert clock_domains(tmp_path / "no") == ()


def test_boost_is_told_by_either_driver_or_not_at_all(tmp_path: Path, write: Write) -> None:
    assert boost(tmp_path) is None
    write("devices/system/cpu/intel_pstate/no_turbo", "1\n")
    assert boost(tmp_path) is False
    write("devices/system/cpu/cpufreq/boost", "1\n")
    assert boost(tmp_path) is True


@pytest.mark.parametrize("name", ["17000000.gpu", "17000000.ga10b", "gpu-gpc-0"])
def test_a_jetsons_gpu_clock_is_found_under_each_of_its_names(
    tmp_path: Path, write: Write, name: str
) -> None:
    write("class/devfreq/15340000.vic/cur_freq", "1", f"class/devfreq/{name}/cur_freq", "918000000")
    assert gpu_mhz(tmp_path) == 918.0
    assert gpu_mhz(tmp_path / "no") is None
