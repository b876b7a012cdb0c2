"""sonoedge.hpp against a real service."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
if shutil.which("cc") is None or shutil.which("c++") is None:
    pytest.skip("needs a C and a C++ compiler", allow_module_level=True)
from c_build import C
from local_service import local_service

PROGRAM = """
#include <sonoedge.hpp>
int main(int, char **words) {
    sonoedge_options options{};
    options.timeout_ms = 5000;
    return sono::Handle::connect(words[1], options).connected() ? 0 : 3;
}
"""


def test_a_handle_is_connected_as_soon_as_a_service_has_answered(tmp_path: Path) -> None:
    """Before the service's first word on its state, which may be some milliseconds later."""
    (tmp_path / "host.cpp").write_text(PROGRAM)
    client = [*(C / "common").glob("*.c"), *(C / "client").glob("*.c")]
    subprocess.run(
        ["cc", "-std=c99", f"-I{C}", "-c", *client], cwd=tmp_path, check=True, timeout=120
    )
    objects = sorted(tmp_path.glob("*.o"))
    host = tmp_path / "host"
    strict = ("-std=c++17", "-Wall", "-Wextra", "-Wconversion", "-Werror")
    words = ["c++", *strict, f"-I{C}", tmp_path / "host.cpp", *objects, "-lm", "-o", host]
    subprocess.run(words, check=True, timeout=120)
    socket = tmp_path / "so.sock"
    with local_service(socket):
        for _ in range(5):
            assert subprocess.run([host, socket], timeout=60).returncode == 0
    assert subprocess.run([host, tmp_path / "nobody"], timeout=60).returncode == 3
