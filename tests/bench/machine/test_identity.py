from __future__ import annotations

import dataclasses

from sonoedge_bench.machine import machine
from sonoedge_bench.machine.identity import differences, version_differences


def test_machines_differ_by_what_they_are_and_versions_are_told_apart() -> None:
    one = machine()
    assert differences(one, machine()) == []
    packages = one.packages | {"numpy": "0"}
    other = dataclasses.replace(one, cpu="another", packages=packages)
    assert differences(one, other) == [f"cpu: {one.cpu}, another"]
    assert version_differences(one, other) == [f"numpy: {one.packages['numpy']}, 0"]
