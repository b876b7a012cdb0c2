"""The programs in C of the README and of the firmware tutorial: compiled as told, and run."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from c_programs import SANITIZED, build_client
from local_service import local_service
from sonoedge_bench.reliability.drive import speckle

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
TUTORIAL = "docs/tutorial/firmware.md"


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", path.read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def host(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tutorial's host, in a folder made as it says."""
    if shutil.which("gcc") is None:
        pytest.skip("needs gcc")
    folder = tmp_path_factory.mktemp("firmware")
    shutil.copytree(repository / "sdk/c", folder / "sonoedge")
    (program,) = blocks(repository / TUTORIAL, "c")
    (folder / "host.c").write_text(program)
    (line,) = [b.strip() for b in blocks(repository / TUTORIAL, "sh") if b.startswith("gcc ")]
    subprocess.run(f"{line} -Werror", shell=True, cwd=folder, check=True)
    return folder / "host"


@pytest.mark.req("R69")
def test_the_tutorials_host_shows_flags_and_says_when_there_is_no_analysis(
    host: Path, tmp_path: Path
) -> None:
    lesion = np.kron(speckle(1, height=120, width=160), np.ones((4, 4), np.uint8))
    lesion[120:280, 160:360] = 20
    with subprocess.Popen(
        [host, tmp_path / "so.sock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def next_line(picture: np.ndarray | None) -> str:  # type: ignore[type-arg]
            if picture is not None:
                process.stdin.write(picture.tobytes())  # type: ignore[union-attr]
                process.stdin.flush()  # type: ignore[union-attr]
            return process.stdout.readline().decode()  # type: ignore[union-attr]

        try:
            with local_service(tmp_path / "so.sock"):
                line = next_line(lesion)
                while line.startswith("NO ANALYSIS"):  # until the engine is ready
                    line = next_line(None if process.stdout.peek() else lesion)
                assert re.fullmatch(
                    r"(not flagged|FLAGGED)(  \[\d+ \d+ \d+ \d+\] \d\.\d\d)*\n", line
                )
                assert next_line(np.zeros_like(lesion)).startswith("NOT ANALYSED ")
            lines = [next_line(lesion), *(next_line(None) for _ in range(1))]
            assert all(line.startswith("NO") for line in lines)
            assert any(line.startswith("NO ANALYSIS") for line in lines)
            process.stdin.close()
            assert process.wait(20) == 0
        finally:
            process.kill()


def test_the_readmes_twenty_lines_compile_and_say_that_there_is_no_service(
    repository: Path, tmp_path: Path
) -> None:
    (program,) = blocks(repository / "README.md", "c")
    assert len(program.splitlines()) <= 25
    (tmp_path / "host.c").write_text(program.replace("/run/sonoedge/", f"{tmp_path}/"))
    host = build_client(tmp_path / "host", tmp_path / "host.c", *SANITIZED)
    with subprocess.Popen([host], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            # Its output is a pipe: a whole buffer of lines comes at once, or none.
            assert process.stdout.readline() == b"NO ANALYSIS\n"
        finally:
            process.kill()
