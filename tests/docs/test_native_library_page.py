"""The program and the commands of docs/how-to/native-library.md do what the page says."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from c_build import onnxruntime
from conformance.pictures import speckle, with_discs
from conformance.vectors import BUNDLE


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs/how-to/native-library.md").read_text()


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def test_a_host_is_built_by_the_pages_commands_and_flags(
    page: str, repository: Path, tmp_path: Path
) -> None:
    for tool in ("cmake", "cc", "pkg-config"):
        if shutil.which(tool) is None:
            pytest.skip(f"needs {tool}")
    install, download, build_and_run = blocks(page, "sh")
    assert download.startswith("python3 -m pip download")  # needs a package index
    (program,) = blocks(page, "c")
    (tmp_path / "host.c").write_text(program)
    (tmp_path / "sdk").symlink_to(repository / "sdk")
    (tmp_path / "bundle").symlink_to(BUNDLE)
    (tmp_path / "libonnxruntime.so").symlink_to(onnxruntime())
    frames = [with_discs(speckle(n, 480, 640), (500, 500, 170, 10)) for n in range(6)]
    frames.append(np.zeros_like(frames[0]))
    (tmp_path / "frames.grey").write_bytes(b"".join(frame.tobytes() for frame in frames))
    prefix = tmp_path / "usr"
    script = (install + build_and_run).replace("/usr/local", str(prefix))
    (lib,) = {line.split()[-1] for line in script.splitlines() if "--prefix" in line}
    environment = {
        "PATH": "/usr/bin:/bin",
        "PKG_CONFIG_PATH": f"{lib}/lib/pkgconfig",
        "LD_LIBRARY_PATH": f"{lib}/lib",
    }
    done = subprocess.run(
        ["sh", "-euc", script], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()[-7:]
    assert re.fullmatch(r"no flag; \d+,\d+ to \d+,\d+ suspicion 0\.\d\d", lines[0])
    assert lines[5].startswith("FLAG; ")
    assert lines[6] == "NOT ANALYSED: CONSTANT "
