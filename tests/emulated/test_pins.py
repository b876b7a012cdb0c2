"""Each Python that the device package is for finds a wheel for aarch64 at every pin.

pip evaluates markers for the Python that runs it, so each version's own pip is asked.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

GLIBC = (36, 35, 34, 31, 28, 27, 26, 24, 17)  # newest first, as Debian 12 has it
EXTRAS = "openvino,dicom,igtl,report,send,view,bench"


def python(version: str) -> str:
    """A Python of this version, wherever this machine has it."""
    found = shutil.which(f"python{version}")
    managed = sorted((Path.home() / ".pyenv/versions").glob(f"{version}.*/bin/python"))
    if found is None and not managed:
        pytest.skip(f"needs Python {version}")
    return str(managed[-1]) if managed else str(found)


@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12"])
def test_every_pin_has_a_wheel_for_aarch64(
    version: str, arm: Path, repository: Path, tmp_path: Path
) -> None:
    (wheel,) = (arm / "wheel").glob("sonoedge-*.whl")
    report = tmp_path / "report.json"
    tags = [tag for n in GLIBC for tag in ("--platform", f"manylinux_2_{n}_aarch64")]
    command = [
        *(python(version), "-m", "pip", "install", "-q", "--dry-run", "--ignore-installed"),
        *("--target", tmp_path, "--report", report, "--only-binary=:all:"),
        *("--implementation", "cp", "--python-version", version, *tags),
        *("--platform", "manylinux2014_aarch64", "-c", repository / "constraints.txt"),
        f"{wheel}[{EXTRAS}]",
    ]
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    chosen = json.loads(report.read_text())["install"]
    names = {item["metadata"]["name"].lower() for item in chosen}
    assert {"numpy", "onnxruntime", "openvino", "opencv-python-headless"} <= names
    urls = [item["download_info"]["url"] for item in chosen]
    assert any("aarch64" in url for url in urls)
    assert not any("x86_64" in url for url in urls)
