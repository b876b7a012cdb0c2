from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sonoedge_bench.machine.thermal import own_group, temperatures_c, throttle_counts, throttled_by

Write = Callable[..., None]


def test_temperatures_by_zone_two_of_one_name_apart(tmp_path: Path, write: Write) -> None:
    zone = "class/thermal/thermal_zone"
    write(f"{zone}0/type", "cpu-thermal", f"{zone}0/temp", "51250")
    write(f"{zone}1/type", "cpu-thermal", f"{zone}1/temp", "52000", f"{zone}2/type", "asleep")
    assert temperatures_c(tmp_path) == {"cpu-thermal": 51.25, "cpu-thermal thermal_zone1": 52.0}


def test_throttling_is_counted_over_the_cores_and_by_the_control_group(
    tmp_path: Path, write: Write
) -> None:
    throttle = "devices/system/cpu/cpu{}/thermal_throttle/core_throttle_count"
    write(throttle.format(0), "3", throttle.format(1), "4")
    write("group/cpu.stat", "usage_usec 5\nnr_throttled 7\nthrottled_usec 9\n")
    assert throttle_counts(tmp_path, tmp_path / "group") == {"core": 7, "quota": 7}
    assert throttle_counts(tmp_path / "no", tmp_path / "no") == {}


def test_the_own_control_group_is_that_of_version_2(tmp_path: Path, write: Write) -> None:
    write("cgroup", "1:cpu:/other\n0::/user.slice/mine\n")
    assert own_group(tmp_path, tmp_path / "cgroup") == tmp_path / "fs/cgroup/user.slice/mine"
    assert own_group(tmp_path, tmp_path / "no") == tmp_path / "fs/cgroup"


def test_what_slows_the_machine_is_told_and_a_fan_is_not(tmp_path: Path, write: Write) -> None:
    device = "class/thermal/cooling_device"
    write(f"{device}0/type", "pwm-fan", f"{device}0/cur_state", "3")
    write(f"{device}1/type", "cpu-throttle-alert", f"{device}1/cur_state", "1")
    write(f"{device}2/type", "Processor", f"{device}2/cur_state", "0")
    assert throttled_by(tmp_path) == ["cpu-throttle-alert 1"]


def test_a_raspberry_pi_says_in_bits_what_slows_it_now(tmp_path: Path, write: Write) -> None:
    path = "devices/platform/soc/soc:firmware/get_throttled"
    write(path, "50005\n")  # now: under-voltage, throttled; before: the same
    assert throttled_by(tmp_path) == ["under-voltage", "throttled"]
    write(path, "50000\n")  # it was, and is no more
    assert throttled_by(tmp_path) == []
