"""The CMake package and the pkg-config file, as a device maker's build uses them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from c_build import C

PROJECT = """
cmake_minimum_required(VERSION 3.16)
project(device LANGUAGES C)
find_package(sonoedge {version} REQUIRED)
foreach(kind shared static)
    add_executable(${{kind}} device.c)
    target_link_libraries(${{kind}} PRIVATE sonoedge::${{kind}})
endforeach()
"""
PROGRAM = """
#include <sonoedge.h>
#include <stdio.h>
int main(void) {
    sonoedge *handle = NULL;
    sonoedge_error error = sonoedge_open("/no/such/bundle", NULL, &handle);
    printf("%s %s\\n", sonoedge_error_name(error), sonoedge_last_message(handle));
    sonoedge_close(handle);
    return 0;
}
"""


def run(*words: str | Path) -> str:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the library was installed, with warnings as errors."""
    if shutil.which("cmake") is None:
        pytest.skip("needs CMake")
    folder = tmp_path_factory.mktemp("cmake")
    run("cmake", "-S", C, "-B", folder / "build", "-DCMAKE_C_FLAGS=-Werror")
    run("cmake", "--build", folder / "build")
    run("cmake", "--install", folder / "build", "--prefix", folder / "usr")
    return folder / "usr"


def version() -> str:
    found = re.search(r"project\(sonoedge VERSION (\S+)", (C / "CMakeLists.txt").read_text())
    assert found is not None
    return found[1]


def test_its_version_is_the_projects() -> None:
    import sonoedge

    assert version() == sonoedge.__version__


def test_a_device_finds_it_by_cmake(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "CMakeLists.txt").write_text(PROJECT.format(version=version()))
    (tmp_path / "device.c").write_text(PROGRAM)
    run("cmake", "-S", tmp_path, "-B", tmp_path / "build", f"-DCMAKE_PREFIX_PATH={installed}")
    run("cmake", "--build", tmp_path / "build")
    for kind in ("shared", "static"):
        assert run(tmp_path / "build" / kind).startswith("BUNDLE ")


def test_a_device_finds_it_by_pkg_config(installed: Path, tmp_path: Path) -> None:
    if shutil.which("pkg-config") is None or shutil.which("cc") is None:
        pytest.skip("needs pkg-config and a C compiler")
    (folder,) = installed.glob("**/pkgconfig")
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "sonoedge"],
        env={"PKG_CONFIG_PATH": str(folder), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    (tmp_path / "device.c").write_text(PROGRAM)
    libraries = folder.parent
    run("cc", tmp_path / "device.c", *flags, f"-Wl,-rpath,{libraries}", "-o", tmp_path / "device")
    assert run(tmp_path / "device").startswith("BUNDLE ")


def test_nothing_but_the_headers_calls_can_be_seen(installed: Path) -> None:
    if shutil.which("nm") is None:
        pytest.skip("needs nm")
    (library,) = installed.glob("**/libsonoedge.so")
    symbols = {line.split()[-1] for line in run("nm", "-D", "--defined-only", library).splitlines()}
    header = (C / "sonoedge.h").read_text()
    declared = set(re.findall(r"\b(sonoedge_\w+)\(", header))
    assert symbols == declared
    needed = run("nm", "-D", "--undefined-only", library)
    assert "Ort" not in needed
