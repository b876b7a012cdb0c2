"""The C client against a real service; gcc's build has sanitizers on, clang's its warnings."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from c_build import COMPILERS, SANITIZED, build_client
from c_output import lines, plain
from local_service import TINY, local_service
from sonoedge.service import protocol
from sonoedge.service.codes import RegionFlag, ResultFlag
from sonoedge_bench.reliability.drive import speckle

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")


@pytest.fixture(scope="module", params=COMPILERS, ids=str)
def probe(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = SANITIZED if request.param == "gcc" else ()
    program = tmp_path_factory.mktemp("c") / "probe"
    return build_client(
        program, Path(__file__).parent / "probe.c", *options, compiler=request.param
    )


@pytest.mark.req("R69")
def test_every_field_is_the_python_clients(probe: Path, tmp_path: Path) -> None:
    lesion = speckle(1).copy()
    lesion[30:70, 40:90] = 20
    pictures = [lesion, np.zeros_like(lesion)]
    regions = 0
    with local_service(tmp_path / "so.sock") as service:
        for picture in pictures:
            (tmp_path / "frame").write_bytes(picture.tobytes())
            size = [str(picture.shape[1]), str(picture.shape[0])]
            done = subprocess.run(
                [probe, "frame", service.path, tmp_path / "frame", *size],
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, done.stderr
            with service.connect() as peer:
                peer.submit(picture, spacing_row_mm=0.25, spacing_column_mm=0.25)
                result = peer.result()
            assert result is not None
            regions += sum(RegionFlag.HAS_MM in r.flags for r in result.regions)
            assert plain(done.stdout) == lines(result)
    assert regions


@pytest.mark.req("R69")
def test_two_hosts_at_once_each_get_their_own_results(probe: Path, tmp_path: Path) -> None:
    """Of one picture the other host's answer would be another one."""
    pictures = [speckle(1).copy(), speckle(2).copy()]
    pictures[0][30:70, 40:90] = 20
    pictures[1][10:50, 90:140] = 20
    with local_service(tmp_path / "so.sock") as service:
        wanted = []
        for number, picture in enumerate(pictures):
            (tmp_path / f"{number}").write_bytes(picture.tobytes())
            with service.connect() as peer:
                peer.submit(picture, spacing_row_mm=0.25, spacing_column_mm=0.25)
                result = peer.result()
                assert result is not None
                wanted.append(lines(result))
        assert wanted[0] != wanted[1]
        height, width = pictures[0].shape
        for _ in range(5):
            hosts = [
                subprocess.Popen(
                    [probe, "frame", service.path, tmp_path / name, str(width), str(height)],
                    stdout=subprocess.PIPE,
                    text=True,
                )
                for name in ("0", "1")
            ]
            printed = [host.communicate(timeout=60)[0] for host in hosts]
            assert [plain(text) for text in printed] == wanted
        assert service.session.status().counters.balanced


@pytest.mark.parametrize(
    ("number", "reason"), [(signal.SIGKILL, "NOT_CONNECTED"), (signal.SIGSTOP, "SERVICE_SILENT")]
)
def test_a_killed_or_stopped_service_is_not_valid(
    probe: Path, tmp_path: Path, number: signal.Signals, reason: str
) -> None:
    path = tmp_path / "so.sock"
    command = [sys.executable, "-m", "sonoedge", "serve", str(TINY), "--socket", str(path)]
    command += ["--runtime", "onnxruntime", "--threads", "1"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    service = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        watch = subprocess.Popen([probe, "watch", path], stdout=subprocess.PIPE, text=True)
        assert watch.stdout is not None
        assert watch.stdout.readline() == "1\n"
        service.send_signal(number)
        assert watch.communicate(timeout=30)[0] == f"0\nUNAVAILABLE {reason}\n"
        assert watch.returncode == 0
    finally:
        service.kill()
        service.wait()


def test_a_host_that_starts_first_reaches_each_service_that_comes(
    probe: Path, tmp_path: Path
) -> None:
    path = tmp_path / "so.sock"
    command = [str(probe), "again", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as host:
        try:
            assert host.stdout is not None
            for _ in range(2):
                with local_service(path):
                    assert host.stdout.readline() == "reached\n"
                assert host.stdout.readline() == "away\n"
            assert host.wait(30) == 0
        finally:
            host.kill()


def test_the_clients_numbers_are_the_tables() -> None:
    text = (Path(__file__).parents[3] / "sdk/c/client/wire.h").read_text()
    numbers = dict(re.findall(r"#define SO_(\w+) (\w+)", text))
    for layout in (*protocol.FROM_CLIENT, *protocol.FROM_SERVICE):
        assert int(numbers[f"{layout.name.upper()}_BYTES"]) == layout.size
        assert layout.name == "region" or int(numbers[layout.name.upper()]) == layout.kind
    assert int(numbers["MAGIC"].rstrip("u"), 16) == protocol.MAGIC
    assert int(numbers["MAX_MESSAGE"]) == protocol.MAX_MESSAGE
    assert int(numbers["PAGE_BYTES"]) == protocol.PAGE_BYTES
    for flag in ResultFlag:
        assert int(numbers[f"RESULT_{flag.name}"].rstrip("u")) == flag
    for word, index in (("VALID_UNTIL", 0), ("TAKEN", 1), ("STATE", 2)):
        offsets = [
            offset for name, (offset, _) in protocol.PAGE.items() if name.startswith(word.lower())
        ]
        assert int(numbers[f"PAGE_{word}"]) == index
        assert offsets == [8 * index]
