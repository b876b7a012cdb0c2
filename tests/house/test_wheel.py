"""What a user gets: the wheel holds the four packages, their licence, and nothing else."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

PACKAGES = {"sonoedge", "sonoedge_export", "sonoedge_runtimes", "sonoedge_bench"}
# What a package may hold besides its Python files.
DATA = {".toml", ".json", ".html", ".css", ".md", ".typed", ".js"}


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Name and content of each file in a newly built wheel."""
    if importlib.util.find_spec("hatchling") is None:
        pytest.skip("hatchling, which builds the wheel, is not installed")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    env = {name: value for name, value in os.environ.items() if name != "SONOEDGE_BUILD_NATIVE"}
    subprocess.run(command, cwd=repository, check=True, capture_output=True, env=env)
    (file,) = folder.glob("*.whl")
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_only_the_four_packages_and_the_metadata_are_inside(wheel: dict[str, bytes]) -> None:
    folders = {name.partition("/")[0] for name in wheel}
    assert {f for f in folders if not f.endswith(".dist-info")} == PACKAGES
    assert len([f for f in folders if f.endswith(".dist-info")]) == 1


def test_packages_hold_code_and_small_data_only(wheel: dict[str, bytes]) -> None:
    inside = {name: data for name, data in wheel.items() if name.partition("/")[0] in PACKAGES}
    others = {name for name in inside if not name.endswith(".py")}
    assert {
        name for name in others if Path(name).suffix not in DATA and "/py.typed" not in name
    } == set()
    assert {name for name, data in inside.items() if len(data) > 100_000} == set()
    # Test doubles are there, for tests of a host; our own tests are not.
    parts = {part for name in inside for part in Path(name).parts}
    assert "sonoedge_runtimes/testing/faulty.py" in inside
    assert not {part for part in parts if part == "tests" or part.startswith("test_")}


def test_every_package_says_that_it_is_typed(wheel: dict[str, bytes]) -> None:
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(wheel)


def test_every_source_file_is_inside(wheel: dict[str, bytes], repository: Path) -> None:
    for root in ("sdk", "export", "runtimes", "benchmarks"):
        sources = [*(repository / root).rglob("*.py")]
        assert sources
        for file in sources:
            name = file.relative_to(repository / root).as_posix()
            if name.partition("/")[0] in PACKAGES:
                assert wheel[name] == file.read_bytes()


def test_the_licence_goes_with_it(wheel: dict[str, bytes], repository: Path) -> None:
    (name,) = [name for name in wheel if name.endswith("/licenses/LICENSE")]
    assert wheel[name] == (repository / "LICENSE").read_bytes()
    assert b"Apache License" in wheel[name]


def test_the_metadata_asks_for_numpy_opencv_onnx_runtime_and_cryptography_alone(
    wheel: dict[str, bytes],
) -> None:
    (name,) = [name for name in wheel if name.endswith(".dist-info/METADATA")]
    lines = wheel[name].decode().splitlines()
    plain = [line for line in lines if line.startswith("Requires-Dist:") and "extra ==" not in line]
    assert sorted(line.split()[1].partition(">")[0] for line in plain) == [
        "cryptography",
        "numpy",
        "onnxruntime",
        "opencv-python-headless",
    ]
    assert "License-Expression: Apache-2.0" in lines


def test_with_the_native_frame_path_it_is_of_this_platform(
    repository: Path, tmp_path: Path, wheel: dict[str, bytes]
) -> None:
    if shutil.which("cc") is None:
        pytest.skip("needs a C compiler, cc")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    env = os.environ | {"SONOEDGE_BUILD_NATIVE": "1"}
    subprocess.run(command, cwd=repository, check=True, capture_output=True, env=env)
    (file,) = tmp_path.glob("*.whl")
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    assert file.name.endswith(f"-py3-none-{platform}.whl")
    with zipfile.ZipFile(file) as archive:
        library = archive.read("sonoedge/native/frame_path.so")
        assert set(archive.namelist()) - set(wheel) == {"sonoedge/native/frame_path.so"}
    assert library.startswith(b"\x7fELF")
