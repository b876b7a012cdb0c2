"""Is this machine one of that kind?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sonoedge_bench.targets.target import Target


def differences(wanted: Target, machine: Mapping[str, Any]) -> list[str]:
    """What this machine lacks or has too much of, one sentence each; empty: it is one.

    Args:
        machine: as `sonoedge_bench.machine.machine` gives it. What it does not know
            differs from whatever is asked: a guess is no evidence.
    """
    how, found = wanted.recognise, []
    architecture = machine.get("architecture")
    if how.architecture and architecture not in how.architecture:
        found.append(f"architecture is {architecture}, wanted {' or '.join(how.architecture)}")
    have = set(machine.get("instructions") or ())
    lacks = [name for name in how.has if name not in have]
    if lacks:
        found.append(f"lacks {', '.join(lacks)}")
    if how.has_one_of and not have & set(how.has_one_of):
        found.append(f"has none of {', '.join(how.has_one_of)}")
    extra = [name for name in how.has_not if name in have]
    if extra:
        found.append(f"has {', '.join(extra)}, a target of its own")
    cores = machine.get("cores") or 0
    if cores < how.min_cores:
        found.append(f"{cores} cores, wanted {how.min_cores} or more")
    for name, pattern in (("model", how.model), ("gpu", how.gpu)):
        value = machine.get(name)
        if pattern is not None and (value is None or not re.search(pattern, value)):
            found.append(f"{name} is {value or 'unknown'}, wanted {pattern}")
    capability = machine.get("compute_capability")
    if how.compute_capability is not None and capability != how.compute_capability:
        asked = how.compute_capability
        found.append(f"compute capability is {capability or 'unknown'}, wanted {asked}")
    return found + _set_otherwise(wanted, machine)


def _set_otherwise(wanted: Target, machine: Mapping[str, Any]) -> list[str]:
    """The machine may be one, and yet be set otherwise than it will be used."""
    found, setting = [], wanted.setting
    governor, mode = machine.get("governor"), machine.get("power_mode")
    if setting.governor is not None and governor not in setting.governor:
        asked = " or ".join(setting.governor)
        found.append(f"governor is {governor or 'unknown'}, wanted {asked}")
    if setting.power_mode is not None and (mode is None or not re.search(setting.power_mode, mode)):
        found.append(f"power mode is {mode or 'unknown'}, wanted {setting.power_mode}")
    return found
