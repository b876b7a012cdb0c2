from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from sonoedge.errors import RuntimeUnavailable
from sonoedge.native import library

BUILD_C = Path(__file__).parents[3] / "sdk/c/python/build.c"


def test_the_number_of_the_interface_is_that_of_the_sources() -> None:
    found = re.search(r"#define SO_PYTHON_ABI (\d+)", BUILD_C.read_text())
    assert found is not None
    assert int(found[1]) == library.ABI


@pytest.mark.parametrize(
    ("name", "value"), [("ABI", 0), ("__version__", "0.0.9"), ("SIZES", (1,) * 5)]
)
def test_a_library_of_another_package_is_refused(
    native_file: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    assert library.load(native_file) is not None
    monkeypatch.setattr(library, name, value)
    with pytest.raises(RuntimeUnavailable, match="another version of sonoedge"):
        library.load(native_file)


def test_what_is_no_library_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.so").write_bytes(b"no library")
    with pytest.raises(RuntimeUnavailable, match="cannot be loaded"):
        library.load(tmp_path / "a.so")


def test_a_library_without_its_calls_is_refused(tmp_path: Path, native_file: Path) -> None:
    file = tmp_path / "empty.so"
    subprocess.run(["cc", "-shared", "-o", file, "-x", "c", "/dev/null"], check=True)
    with pytest.raises(RuntimeUnavailable, match="cannot be loaded"):
        library.load(file)


def test_it_offers_what_is_called_and_nothing_else(native_file: Path) -> None:
    listed = subprocess.run(
        ["nm", "-D", "--defined-only", native_file], capture_output=True, text=True, check=True
    )
    names = {line.split()[-1] for line in listed.stdout.splitlines()}
    assert names >= {*library._CALLS, "so_python_build"}
    assert all(name.startswith(("so_frame_", "so_python_")) for name in names)
