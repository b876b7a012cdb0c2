from __future__ import annotations

from pathlib import Path

import pytest

from sonoedge.device import cpu


def tree(root: Path, files: dict[str, str]) -> Path:
    """A control group file system with these files; also the folder for its membership."""
    for name, text in files.items():
        file = root / "cgroup" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root / "cgroup"


def member(root: Path, text: str) -> Path:
    file = root / "self"
    file.write_text(text)
    return file


def test_the_tightest_limit_on_the_way_to_the_root_counts(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        {
            "cpu.max": "800000 100000\n",
            "pod/cpu.max": "150000 100000\n",
            "pod/box/cpu.max": "400000 100000\n",
            "other/cpu.max": "10000 100000\n",
        },
    )
    assert cpu.quota(root, member(tmp_path, "0::/pod/box\n")) == 1.5


def test_max_is_no_limit(tmp_path: Path) -> None:
    root = tree(tmp_path, {"cpu.max": "max 100000\n", "pod/cpu.max": "max 100000\n"})
    assert cpu.quota(root, member(tmp_path, "0::/pod\n")) is None


def test_a_limit_above_a_group_without_one_still_counts(tmp_path: Path) -> None:
    root = tree(tmp_path, {"pod/cpu.max": "50000 100000\n", "pod/box/cpu.max": "max 100000\n"})
    assert cpu.quota(root, member(tmp_path, "0::/pod/box\n")) == 0.5


def test_version_one_groups_are_read_where_the_cpu_controller_is_named(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        {
            "cpu/docker/box/cpu.cfs_quota_us": "250000\n",
            "cpu/docker/box/cpu.cfs_period_us": "100000\n",
            "cpu/elsewhere/cpu.cfs_quota_us": "1000\n",
            "cpu/elsewhere/cpu.cfs_period_us": "100000\n",
        },
    )
    lines = "5:cpuset:/elsewhere\n4:cpu,cpuacct:/docker/box\n1:name=systemd:/elsewhere\n"
    assert cpu.quota(root, member(tmp_path, lines)) == 2.5


def test_minus_one_is_no_limit_in_version_one(tmp_path: Path) -> None:
    files = {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}
    assert cpu.quota(tree(tmp_path, files), member(tmp_path, "4:cpu:/\n")) is None


def test_a_container_that_sees_only_its_own_group_as_the_root_has_its_limit(
    tmp_path: Path,
) -> None:
    root = tree(tmp_path, {"cpu.max": "300000 100000\n"})
    assert cpu.quota(root, member(tmp_path, "0::/\n")) == 3.0
    assert cpu.quota(root, tmp_path / "absent") == 3.0


@pytest.mark.parametrize("text", ["", "nonsense\n", "100000\n", "100000 0 0\n", "many 100000\n"])
def test_a_limit_that_cannot_be_read_is_no_limit(tmp_path: Path, text: str) -> None:
    root = tree(tmp_path, {"cpu.max": text})
    assert cpu.quota(root, member(tmp_path, "0::/\n")) is None


@pytest.mark.parametrize(
    ("cores", "limit", "threads"),
    [(8, None, 8), (8, 2.0, 2), (8, 2.9, 2), (8, 0.5, 1), (2, 64.0, 2)],
)
def test_threads_are_the_cores_within_the_whole_part_of_the_quota(
    monkeypatch: pytest.MonkeyPatch, cores: int, limit: float | None, threads: int
) -> None:
    monkeypatch.setattr(cpu, "affinity", lambda: cores)
    monkeypatch.setattr(cpu, "quota", lambda: limit)
    assert cpu.usable_threads() == threads


def test_cores_are_those_of_the_affinity_mask_not_of_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {3, 5, 7}, raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 64)
    assert cpu.affinity() == 3


def test_instructions_are_whole_words_of_the_flags_line(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["processor\t: 0", "model name\t: A CPU", "flags\t\t: fpu avx2 avx512_vnni amx_int8x"]
    monkeypatch.setattr(cpu, "_cpuinfo", lambda: lines)
    assert cpu.instructions() == ("avx2", "avx512_vnni")
    assert cpu.cpu_model() == "A CPU"


def test_instructions_of_arm_are_read_from_features(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["Features\t: fp asimd asimddp bf16 i8mm", "Model\t\t: Raspberry Pi 5 Model B"]
    monkeypatch.setattr(cpu, "_cpuinfo", lambda: lines)
    assert cpu.instructions() == ("asimd", "asimddp", "i8mm", "bf16")
    assert cpu.cpu_model() == "Raspberry Pi 5 Model B"


def test_a_system_without_cpuinfo_is_unknown_not_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu, "_cpuinfo", list)
    monkeypatch.setattr("platform.processor", lambda: "")
    assert cpu.instructions() == ()
    assert cpu.cpu_model() is None


def test_what_a_thread_waited_for_a_processor_is_read_per_thread(tmp_path: Path) -> None:
    for thread, text in {"7": "900 2500000 3\n", "8": "900 40000000 3\n"}.items():
        (tmp_path / "7" / "task" / thread).mkdir(parents=True)
        (tmp_path / "7" / "task" / thread / "schedstat").write_text(text)
    assert cpu.cpu_wait_ms(7, tmp_path) == {"7": 2.5, "8": 40.0}
    assert cpu.cpu_wait_ms(9, tmp_path) == {}
    assert cpu.longest_wait_ms({"7": 1.0, "8": 39.5}, cpu.cpu_wait_ms(7, tmp_path)) == 1.5
    assert cpu.longest_wait_ms({}, {}) == 0.0


def test_a_kernel_that_keeps_no_account_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "7" / "task" / "7").mkdir(parents=True)
    assert cpu.cpu_wait_ms(7, tmp_path) == {}


@pytest.mark.parametrize(
    ("flags", "system", "expected"),
    [
        ("fma avx2", "x86_64", True),
        ("avx2 avx512f avx512_bf16", "x86_64", True),
        ("avx2 avx_vnni", "x86_64", False),
        ("asimd", "aarch64", False),
        ("", "x86_64", False),  # nothing is known of it
    ],
)
def test_8_bit_products_overflow_on_x86_without_instructions_for_them(
    flags: str, system: str, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cpu, "_cpuinfo", lambda: [f"flags\t\t: {flags}"])
    monkeypatch.setattr(cpu.platform, "machine", lambda: system)
    assert cpu.int8_overflows() is expected


@pytest.mark.parametrize(
    ("flags", "expected"), [("fma avx2 avx512_vnni", False), ("avx2 avx512_bf16", True)]
)
def test_bf16_is_known_by_its_instructions(
    flags: str, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cpu, "_cpuinfo", lambda: [f"flags\t\t: {flags}"])
    assert cpu.has_bf16() is expected


def test_no_more_than_all_of_a_time_was_waited() -> None:
    assert cpu.wait_share(25.0, 100.0) == 0.25
    assert cpu.wait_share(101.56, 100.0) == 1.0
