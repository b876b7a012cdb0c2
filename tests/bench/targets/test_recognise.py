from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sonoedge_bench.document.machine import Machine
from sonoedge_bench.targets.recognise import differences
from sonoedge_bench.targets.target import Target, load_target, parse, target_names

# Machines as they would describe themselves; none was measured.


X86: dict[str, Any] = {
    "architecture": "x86_64",
    "cores": 4,
    "gpu": None,
    "model": None,
    "compute_capability": None,
    "governor": "performance",
    "power_mode": None,
}


ORIN: dict[str, Any] = {
    "architecture": "aarch64",
    "instructions": ["asimd", "asimddp"],
    "cores": 6,
    "gpu": "Orin",
    "compute_capability": "8.7",
    "power_mode": "pmode:0002",
    "governor": "schedutil",
}


MACHINES: dict[str, dict[str, Any]] = {
    "x86-avx2": X86 | {"instructions": ["avx2"]},
    "x86-vnni": X86 | {"instructions": ["avx2", "avx_vnni"]},
    "x86-amx": X86 | {"instructions": ["avx2", "avx512f", "avx512_vnni", "amx_int8"]},
    "arm-pi": ORIN | {"model": "Raspberry Pi 5 Model B Rev 1.0", "cores": 4, "gpu": None},
    "jetson-orin-nano": ORIN | {"model": "NVIDIA Jetson Orin Nano Developer Kit"},
    "jetson-orin-nx": ORIN | {"model": "NVIDIA Jetson Orin NX Engineering Reference"},
    "jetson-thor": ORIN
    | {"model": "NVIDIA Jetson AGX Thor Developer Kit", "compute_capability": "11.0"},
    "rtx-cart": X86 | {"instructions": ["avx2"], "gpu": "NVIDIA RTX A2000", "cores": 8},
}


def test_every_target_has_a_machine_here() -> None:
    assert set(target_names()) == set(MACHINES)


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_a_machine_is_recognised_as_what_it_is(
    name: str, a_machine: Callable[..., Machine]
) -> None:
    assert differences(load_target(name), a_machine(**MACHINES[name])) == []


@pytest.mark.parametrize("name", ["x86-avx2", "x86-vnni", "x86-amx"])
def test_the_three_x86_boxes_are_told_apart_by_their_instructions(
    name: str, a_machine: Callable[..., Machine]
) -> None:
    for other in {"x86-avx2", "x86-vnni", "x86-amx"} - {name}:
        assert differences(load_target(name), a_machine(**MACHINES[other])) != []


def test_what_differs_is_said_and_unknown_is_no_evidence(a_machine: Callable[..., Machine]) -> None:
    orin_nx = a_machine(**MACHINES["jetson-orin-nx"])
    assert differences(load_target("jetson-orin-nano"), orin_nx) == [
        "model is NVIDIA Jetson Orin NX Engineering Reference, required Orin Nano"
    ]
    silent = MACHINES["jetson-orin-nano"] | {"power_mode": None, "compute_capability": None}
    assert differences(load_target("jetson-orin-nano"), a_machine(**silent)) == [
        "compute capability is unknown, required 8.7",
        r"power mode is unknown, required pmode:\d+",
    ]
    small = MACHINES["arm-pi"] | {"cores": 2, "governor": "powersave"}
    assert [each.split()[0] for each in differences(load_target("arm-pi"), a_machine(**small))] == [
        "2",
        "governor",
    ]


def test_a_target_requires_nothing_that_its_file_does_not_say(
    fields: dict[str, Any],
    a_machine: Callable[..., Machine],
) -> None:
    assert isinstance(parse("x", fields), Target)
    assert differences(parse("x", fields), a_machine(**X86)) == []
