"""The programs in C of the README and of the firmware tutorial: compiled as told, and run."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
import subprocess
import threading
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from c_build import SANITIZED, build_client
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


class Probe:
    """Hands pictures to a host, as fast as it takes them: one that moves, so it is not frozen."""

    def __init__(self, process: subprocess.Popen[bytes], picture: npt.NDArray[np.uint8]) -> None:
        self._process, self.picture = process, picture
        self._ended = False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError), self._process.stdin as pipe:
            for number in itertools.takewhile(lambda _: not self._ended, itertools.count()):
                pipe.write(np.roll(self.picture, number, axis=1).tobytes())

    def end(self) -> None:
        self._ended = True
        self._thread.join()


def shown(process: subprocess.Popen[bytes], pattern: str) -> bool:
    """Whether the host comes to show such a line; it is killed where it shows none for long."""
    late = threading.Timer(120, process.kill)
    late.start()
    try:
        assert process.stdout is not None
        return any(re.fullmatch(pattern, line.decode().strip()) for line in process.stdout)
    finally:
        late.cancel()


@pytest.mark.req("R69")
def test_the_tutorials_host_shows_flags_and_says_when_there_is_no_analysis(
    host: Path, tmp_path: Path
) -> None:
    lesion = np.kron(speckle(1, height=120, width=160), np.ones((4, 4), np.uint8))
    lesion[120:280, 160:360] = 20
    with (
        subprocess.Popen(
            [host, tmp_path / "so.sock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process,
        contextlib.ExitStack() as stack,
    ):
        probe = Probe(process, lesion)
        stack.callback(probe.end)
        stack.callback(process.kill)  # first: whoever writes to it may wait
        with local_service(tmp_path / "so.sock"):
            box = r"  \[\d+ \d+ \d+ \d+\] \d\.\d\d"
            assert shown(process, rf"(not flagged|FLAGGED)({box})+")
            probe.picture = np.zeros_like(lesion)
            assert shown(process, "NOT ANALYSED (BLACK|CONSTANT)")
        assert shown(process, "NO ANALYSIS: what is shown is a picture alone")
        with local_service(tmp_path / "so.sock"):
            probe.picture = lesion
            assert shown(process, rf"(not flagged|FLAGGED)({box})+")


def test_the_readmes_twenty_lines_compile_and_say_that_there_is_no_service(
    repository: Path, tmp_path: Path
) -> None:
    (program,) = blocks(repository / "README.md", "c")
    assert len(program.splitlines()) <= 25
    (tmp_path / "host.c").write_text(program.replace("/run/sonoedge/", f"{tmp_path}/"))
    host = build_client(tmp_path / "host", tmp_path / "host.c", *SANITIZED)
    screen, terminal = os.openpty()  # a terminal's lines come one by one
    with open(screen, "rb") as lines, subprocess.Popen([host], stdout=terminal) as process:  # noqa: PTH123
        try:
            os.close(terminal)
            assert lines.readline().strip() == b"NO ANALYSIS"
        finally:
            process.kill()
