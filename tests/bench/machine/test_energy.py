from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sonoedge_bench.machine.energy import Rapl, Watts, energy, ina3221_w

Write = Callable[..., None]


def test_rapl_sums_packages_over_the_wrap_around_and_leaves_parts_out(
    tmp_path: Path, write: Write
) -> None:
    zone = "class/powercap/intel-rapl:"
    for package, name in ((0, "package-0"), (1, "package-1"), (2, "psys")):
        write(f"{zone}{package}/name", name, f"{zone}{package}/energy_uj", "1000000")
        write(f"{zone}{package}/max_energy_range_uj", "5000000")
    write(f"{zone}0:0/name", "core", f"{zone}0:0/energy_uj", "1")
    source = energy(tmp_path)
    assert isinstance(source, Rapl)
    assert source.name == "RAPL, 2 packages"
    assert source.joules() == 0.0
    write(f"{zone}0/energy_uj", "4000000", f"{zone}1/energy_uj", "500000")  # the second wrapped
    assert source.joules() == pytest.approx(3.0 + 4.5)
    source.close()


def test_ina3221_gives_the_watts_of_the_rail_that_feeds_the_module(
    tmp_path: Path, write: Write
) -> None:
    device = "class/hwmon/hwmon3"
    write(f"{device}/name", "ina3221", f"{device}/in1_label", "VDD_CPU_GPU_CV")
    write(f"{device}/in2_label", "VDD_IN", f"{device}/in2_input", "5000")
    write(f"{device}/curr2_input", "1500")
    assert ina3221_w(tmp_path / device, 2) == 7.5
    source = energy(tmp_path)
    assert isinstance(source, Watts)
    source.close()
    assert source.name == "INA3221, VDD_IN"


def test_ina238_of_a_thor_is_read_in_microwatts(tmp_path: Path, write: Write) -> None:
    write("class/hwmon/hwmon0/name", "ina238", "class/hwmon/hwmon0/power1_input", "12500000")
    source = energy(tmp_path)
    assert isinstance(source, Watts)
    source.close()
    assert source.name.startswith("INA238")


def test_watts_are_summed_over_time_by_trapezoids(clock: Any) -> None:
    watts = iter([10.0, 20.0, None, 20.0])
    source = Watts("by hand", lambda: next(watts), every_s=3600, clock_ns=clock)
    clock.forward_ms(1000)
    assert source.joules() == pytest.approx(15.0)
    clock.forward_ms(1000)
    assert source.joules() == pytest.approx(15.0)  # the sensor said nothing
    clock.forward_ms(1000)
    assert source.joules() == pytest.approx(15.0 + 2 * 20.0)
    source.close()


def test_without_a_sensor_there_is_no_energy(tmp_path: Path, write: Write) -> None:
    write("class/hwmon/hwmon0/name", "nvme")
    write("class/powercap/intel-rapl:0/name", "package-0")  # its counter cannot be read
    assert energy(tmp_path) is None
