from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge_bench.options import Options
from sonoedge_bench.targets.judge import judge, with_target
from sonoedge_bench.targets.recognise import differences
from sonoedge_bench.targets.target import Target, names, parse, target

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


def test_there_is_a_target_for_each_kind_of_machine_and_every_file_can_be_read() -> None:
    assert set(names()) == set(MACHINES)
    for name in names():
        found = target(name)
        assert found.name == name
        assert found.budget.age_p99_ms <= found.deadline_ms


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_a_machine_is_recognised_as_what_it_is(name: str) -> None:
    assert differences(target(name), MACHINES[name]) == []


@pytest.mark.parametrize("name", ["x86-avx2", "x86-vnni", "x86-amx"])
def test_the_three_x86_boxes_are_told_apart_by_their_instructions(name: str) -> None:
    for other in {"x86-avx2", "x86-vnni", "x86-amx"} - {name}:
        assert differences(target(name), MACHINES[other]) != []


def test_what_differs_is_said_and_unknown_is_no_evidence() -> None:
    apart = differences(target("jetson-orin-nano"), MACHINES["jetson-orin-nx"])
    assert apart == ["model is NVIDIA Jetson Orin NX Engineering Reference, wanted Orin Nano"]
    silent = MACHINES["jetson-orin-nano"] | {"power_mode": None, "compute_capability": None}
    assert differences(target("jetson-orin-nano"), silent) == [
        "compute capability is unknown, wanted 8.7",
        r"power mode is unknown, wanted pmode:\d+",
    ]
    small = MACHINES["arm-pi"] | {"cores": 2, "governor": "powersave"}
    assert [each.split()[0] for each in differences(target("arm-pi"), small)] == ["2", "governor"]


def test_a_target_that_there_is_not_and_a_file_that_breaks_a_rule_are_refused() -> None:
    with pytest.raises(InvalidSettings, match="no target is called 'toaster'"):
        target("toaster")
    with pytest.raises(InvalidSettings, match=r"budget\.age_p99_ms"):
        parse("x", plain() | {"budget": plain()["budget"] | {"age_p99_ms": "fast"}})
    with pytest.raises(InvalidSettings, match="colour is unknown"):
        parse("x", plain() | {"colour": "red"})
    with pytest.raises(InvalidSettings, match="runtime is 'abacus'"):
        parse("x", plain() | {"runtime": "abacus"})


def test_a_product_has_a_file_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "product.toml"
    shipped = files("sonoedge_bench.targets") / "x86-vnni.toml"
    text = shipped.read_text().replace("age_p99_ms = 33.3", "age_p99_ms = 20.0")
    file.write_text(text)
    found = target(str(file))
    assert (found.name, found.budget.age_p99_ms) == ("product", 20.0)
    file.write_text("fps = ")
    with pytest.raises(InvalidSettings, match="is no TOML"):
        target(str(file))
    with pytest.raises(InvalidSettings, match="cannot be read"):
        target(str(tmp_path / "none.toml"))


def test_its_settings_are_taken_where_the_caller_gives_none() -> None:
    wanted = parse("x", plain())
    options = with_target(Options(bundle=Path("b")), wanted)
    assert (options.runtime, options.precision) == ("openvino", "int8")
    assert (options.threads, options.fps, options.deadline_ms) == ((2,), (20.0,), 50.0)
    own = Options(
        bundle=Path("b"), variants=("v",), threads=(None,), fps=(30.0,), deadline_ms=9.0,
        explicit=frozenset({"fps", "threads"}),
    )  # fmt: skip
    options = with_target(own, wanted)
    assert (options.runtime, options.precision, options.variants) == (None, None, ("v",))
    assert (options.threads, options.fps, options.deadline_ms) == ((None,), (30.0,), 9.0)


def test_the_budget_is_kept_missed_or_not_known() -> None:
    wanted = parse("x", plain())
    assert judge(document(age=9.0), wanted, [])["failures"] == []
    slow = judge(document(age=21.0, misses=7.0), wanted, [])
    assert slow["failures"] == [
        "v: age_p99_ms is 21, allowed 20",
        "v: misses_per_hour is 7, allowed 6",
    ]
    short = judge(document(age=None), wanted, [])
    assert short["failures"] == ["v: age_p99_ms is not known: 30 samples, 299 are needed"]


def test_on_another_machine_and_after_half_a_run_nothing_is_judged_as_kept() -> None:
    wanted = parse("x", plain())
    other = judge(document(age=9.0), wanted, ["cores: too few"])
    assert (other["is_one"], other["limits"]) == (False, [])
    assert other["failures"] == ["this machine is no x: cores: too few"]
    half = document(age=9.0) | {"complete": False, "ended": "interrupted"}
    assert "ended early" in judge(half, wanted, [])["failures"][0]


def document(age: float | None, misses: float = 0.0) -> dict[str, Any]:
    quantile = None if age is None else {"value": age, "low": age, "high": age}
    summary = {"n": 30, "p99": quantile, "needed": {"p99": 299}}
    run = {"variant": "v", "threads": 2, "fps": 20.0, "figures": {"age_ms": summary}}
    return {"complete": True, "runs": [run | {"outcomes": {"misses_per_hour": misses}}]}


def plain() -> dict[str, Any]:
    budget = {"analyse_p99_ms": 20.0, "age_p99_ms": 20.0, "misses_per_hour": 6.0}
    return {
        "title": "a box",
        "runtime": "openvino",
        "precision": "int8",
        "threads": 2,
        "fps": 20.0,
        "deadline_ms": 50.0,
        "recognise": {},
        "budget": budget | {"open_p50_ms": 1.0, "first_frame_p50_ms": 1.0},
    }


def test_a_target_knows_nothing_that_its_file_does_not_say() -> None:
    assert isinstance(parse("x", plain()), Target)
    assert differences(parse("x", plain()), X86 | {"instructions": []}) == []
