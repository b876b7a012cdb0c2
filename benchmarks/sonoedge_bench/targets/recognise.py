"""Is this machine one of that kind?"""

from __future__ import annotations

import re

from sonoedge_bench.document.machine import Machine
from sonoedge_bench.targets.target import Target


def differences(target: Target, machine: Machine) -> list[str]:
    """What this machine lacks or has too much of, one sentence each; empty: it is one.

    What the machine does not tell differs from whatever is required: a guess is no evidence.
    """
    rules, results = target.recognise, []
    architecture = machine.architecture
    if rules.architecture and architecture not in rules.architecture:
        required = " or ".join(rules.architecture)
        results.append(f"architecture is {architecture}, required {required}")
    available = set(machine.instructions)
    missing = [name for name in rules.has if name not in available]
    if missing:
        results.append(f"lacks {', '.join(missing)}")
    if rules.has_one_of and not available & set(rules.has_one_of):
        results.append(f"has none of {', '.join(rules.has_one_of)}")
    extra = [name for name in rules.has_not if name in available]
    if extra:
        results.append(f"has {', '.join(extra)}, which is a target of its own")
    if machine.cores < rules.min_cores:
        results.append(f"{machine.cores} cores, required {rules.min_cores} or more")
    for name, value, pattern in (
        ("model", machine.model, rules.model),
        ("gpu", machine.gpu, rules.gpu),
    ):
        if pattern is not None and (value is None or not re.search(pattern, value)):
            results.append(f"{name} is {value or 'unknown'}, required {pattern}")
    capability = machine.compute_capability
    if rules.compute_capability is not None and capability != rules.compute_capability:
        required = rules.compute_capability
        results.append(f"compute capability is {capability or 'unknown'}, required {required}")
    return results + _setting_differences(target, machine)


def _setting_differences(target: Target, machine: Machine) -> list[str]:
    """The machine may be one, and yet be set otherwise than it will be used."""
    results, setting = [], target.setting
    governor, mode = machine.governor, machine.power_mode
    if setting.governor is not None and governor not in setting.governor:
        required = " or ".join(setting.governor)
        results.append(f"governor is {governor or 'unknown'}, required {required}")
    if setting.power_mode is not None and (mode is None or not re.search(setting.power_mode, mode)):
        results.append(f"power mode is {mode or 'unknown'}, required {setting.power_mode}")
    return results
