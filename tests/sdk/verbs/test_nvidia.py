from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from sonoedge.device import gpu as gpu_module
from sonoedge.device.gpu import Gpu, kernel_module, probe_gpu
from sonoedge.device.jetson import jetpack, l4t
from sonoedge.provision import tensorrt_versions
from sonoedge.provision.tensorrt_versions import problems
from sonoedge.verbs import nvidia as nvidia_module
from sonoedge.verbs.nvidia import nvidia, rows

ORIN = Gpu(
    name="Orin",
    compute_capability="8.7",
    memory_bytes=8 << 30,
    integrated=True,
    driver="540.4.0",
    cuda="12.6",
)
R36 = "# R36 (release), REVISION: 4.3, GCID: 38968081, BOARD: generic, EABI: aarch64\n# more\n"


def installed(monkeypatch: pytest.MonkeyPatch, **versions: str) -> None:
    def version(name: str) -> str:
        if name in versions:
            return versions[name]
        raise PackageNotFoundError(name)

    monkeypatch.setattr(tensorrt_versions, "version", version)


def on_a_jetson(monkeypatch: pytest.MonkeyPatch, folder: Path, tensorrt: str) -> str:
    release = folder / "nv_tegra_release"
    release.write_text(R36)
    installed(monkeypatch, tensorrt=tensorrt)
    monkeypatch.setattr(nvidia_module.ctypes.util, "find_library", lambda name: "libcuda.so.1")
    monkeypatch.setattr(nvidia_module, "probe_gpu", lambda: ORIN)
    return "\n".join(f"{left} {right}" for left, right in rows(nvidia(release)))


def test_a_jetson_is_described_with_its_gpu_and_versions(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = on_a_jetson(monkeypatch, tmp_path, "10.3.0")
    assert "Orin, compute capability 8.7, 8.0 GiB shared with the CPU" in text
    assert "serves CUDA up to 12.6" in text
    assert "tensorrt 10.3.0" in text
    assert "jetson L4T 36.4.3, JetPack 6" in text
    assert "problem" not in text


def test_a_tensorrt_that_does_not_fit_the_jetson_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = on_a_jetson(monkeypatch, tmp_path, "11.2.0")
    assert "problem TensorRT 11.2.0 does not support JetPack" in text


def test_a_machine_without_a_driver_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nvidia_module.ctypes.util, "find_library", lambda name: None)
    found = nvidia(Path("/nowhere"))
    assert found.gpu is None
    assert ("nvidia", "no driver library found") in list(rows(found))


def test_a_driver_that_does_not_answer_is_said_and_not_waited_for(tmp_path: Path) -> None:
    slow = tmp_path / "python"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    assert "did not answer" in str(probe_gpu(timeout_s=0.2, python=str(slow)))


def test_a_driver_that_crashes_is_said(tmp_path: Path) -> None:
    crash = tmp_path / "python"
    crash.write_text("#!/bin/sh\nkill -SEGV $$\n")
    crash.chmod(0o755)
    assert "ended with -11" in str(probe_gpu(python=str(crash)))


def test_the_driver_is_asked_in_a_process_of_its_own(fake_environment: dict[str, str]) -> None:
    code = "from sonoedge.device.gpu import probe_gpu; print(probe_gpu())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=fake_environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "name='Fake Orin', compute_capability='8.7'" in done.stdout


def test_the_kernel_modules_version_is_read_from_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "version"
    file.write_text(
        "NVRM version: NVIDIA UNIX Open Kernel Module for aarch64  540.4.0  Release Build\n"
        "GCC version:  gcc 11.4.0\n"
    )
    assert kernel_module(file) == "540.4.0"
    file.write_text("NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.124.06  Wed Feb 26\n")
    assert kernel_module(file) == "570.124.06"
    monkeypatch.setattr(gpu_module, "KERNEL_MODULE", tmp_path / "absent")
    assert kernel_module() is None


@pytest.mark.parametrize(
    ("text", "version", "known"),
    [
        (R36, "36.4.3", "6.2"),
        ("# R36 (release), REVISION: 9.9, GCID: 1\n", "36.9.9", "6"),
        ("# R38 (release), REVISION: 4.0, GCID: 1\n", "38.4.0", "7.1"),
        ("# R39 (release), REVISION: 2.0, GCID: 1\n", "39.2.0", "7.2"),
        ("# R39 (release), REVISION: 3.1, GCID: 1\n", "39.3.1", "7"),
        ("# R35 (release), REVISION: 5.0, GCID: 1\n", "35.5.0", "5"),
        ("# R99 (release), REVISION: 1.0\n", "99.1.0", None),
        ("something else\n", None, None),
    ],
)
def test_versions_of_l4t(tmp_path: Path, text: str, version: str | None, known: str | None) -> None:
    file = tmp_path / "release"
    file.write_text(text)
    assert l4t(file) == version
    assert jetpack(version) == known


@pytest.mark.parametrize(
    ("runtime", "version", "capability", "on", "stops"),
    [
        ("tensorrt", "10.3.0", "8.7", "36.4.3", []),
        ("tensorrt", "10.16.1", "8.9", None, []),
        ("tensorrt", "11.4.0", "8.9", None, []),
        ("tensorrt", "11.4.0", "8.7", "38.2", [True]),
        ("tensorrt", "11.4.1", "8.7", "38.4", []),
        ("tensorrt", "10.2.9", "8.6", None, [True]),
        ("tensorrt", "12.0.1", "8.6", None, [False]),
        ("tensorrt", "dev", "8.6", None, [False]),
        ("tensorrt-rtx", "1.7.1", "8.7", "36.4.3", [True]),
        ("tensorrt-rtx", "1.7.1", "8.6", None, []),
    ],
)
def test_what_is_known_of_versions(
    runtime: str, version: str, capability: str, on: str | None, stops: list[bool]
) -> None:
    found = problems(runtime, version, compute_capability=capability, l4t=on)
    assert [problem.stops for problem in found] == stops
