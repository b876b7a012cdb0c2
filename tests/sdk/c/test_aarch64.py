"""The C client compiled for aarch64, run under emulation against a service on this machine."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from c_build import build_client
from c_output import lines, plain
from local_service import local_service
from sonoedge_bench.reliability.drive import speckle

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
COMPILER = "aarch64-linux-gnu-gcc"
EMULATOR = shutil.which("qemu-aarch64-static") or shutil.which("qemu-aarch64")
if EMULATOR is None:
    pytest.skip("needs qemu-user", allow_module_level=True)


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Static, so that no library of that architecture is needed to run it."""
    program = tmp_path_factory.mktemp("aarch64") / "probe"
    main = Path(__file__).parent / "probe.c"
    return build_client(program, main, "-O2", "-static", compiler=COMPILER)


def test_it_is_for_another_machine(probe: Path) -> None:
    machine = probe.read_bytes()[18:20]
    assert int.from_bytes(machine, "little") == 183  # EM_AARCH64, elf(5)


@pytest.mark.req("R69")
def test_every_field_is_the_python_clients_on_aarch64_too(probe: Path, tmp_path: Path) -> None:
    lesion = speckle(1).copy()
    lesion[30:70, 40:90] = 20
    with local_service(tmp_path / "so.sock") as service:
        for picture in (lesion, np.zeros_like(lesion)):
            (tmp_path / "frame").write_bytes(picture.tobytes())
            height, width = picture.shape
            command = [EMULATOR, probe, "frame", service.path, tmp_path / "frame"]
            done = subprocess.run(
                [*command, str(width), str(height)], capture_output=True, text=True, timeout=120
            )
            assert done.returncode == 0, done.stderr
            with service.connect() as peer:
                peer.submit(picture, spacing_row_mm=0.25, spacing_column_mm=0.25)
                result = peer.result()
            assert result is not None
            assert plain(done.stdout) == lines(result)
    assert service.session.status().counters.balanced
