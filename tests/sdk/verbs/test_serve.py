from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from sample_recordings.session import frames
from service_client import Peer
from sonoedge import cli
from sonoedge.bundle.identity import manifest_text
from sonoedge.service.codes import Refusal, ResultFlag
from sonoedge_bench.reliability.drive import speckle, wait_until

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
if not hasattr(os, "memfd_create"):
    pytest.skip("a worker process needs Linux", allow_module_level=True)

TINY = Path(__file__).parents[2] / "data" / "tiny"


@contextmanager
def serving(path: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A real service process, which has its socket."""
    command = [sys.executable, "-m", "sonoedge", "serve", str(TINY), "--socket", str(path)]
    command += ["--runtime", "onnxruntime", "--threads", "1", "--max-age-ms", "60000", *options]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def connected(path: Path, stream: str = "probe") -> Peer:
    """A client that is welcome: the service may still be starting, or be on its way."""

    def attempt() -> Peer | None:
        try:
            return Peer(path, stream)
        except OSError:
            return None

    peers: list[Peer] = []
    assert wait_until(lambda: peers.append(p) or True if (p := attempt()) else False, 60)
    return peers[0]


def test_systemd_hears_that_it_is_ready_alive_and_stopping_and_figures_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = tmp_path / "sonoedge.prom"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(60)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        with serving(tmp_path / "so.sock", "--metrics", str(figures)) as process:
            heard = systemd.recv(4096).decode().split("\n")
            while "READY=1" not in heard:
                heard += systemd.recv(4096).decode().split("\n")
            assert "STATUS=READY" in heard
            assert "WATCHDOG=1" in heard
            with connected(tmp_path / "so.sock") as peer:
                peer.submit(speckle(1))
                peer.result()
                assert wait_until(
                    lambda: (
                        figures.exists()
                        and 'sonoedge_frames_total{outcome="analysed"} 1' in figures.read_text()
                    ),
                    60,
                )
            process.send_signal(signal.SIGTERM)
            while "STOPPING=1" not in heard:
                heard += systemd.recv(4096).decode().split("\n")


def test_a_service_analyses_says_what_it_came_to_and_ends_on_sigterm(tmp_path: Path) -> None:
    path = tmp_path / "so.sock"
    with serving(path, "--mode", "0600") as process, connected(path) as peer:
        assert path.stat().st_mode & 0o777 == 0o600
        peer.submit(speckle(1))
        result = peer.result()
        assert result is not None
        assert result.flags & ResultFlag.ANALYSED
        process.send_signal(signal.SIGTERM)
        assert peer.refusal() == Refusal.CLOSING
        out, _ = process.communicate(timeout=30)
        assert process.returncode == 128 + signal.SIGTERM
        report = json.loads(out)
        assert (report["submitted"], report["analysed"], report["in_flight"]) == (1, 1, 0)
        assert report["state"] == "READY"
    assert not path.exists()


def test_what_it_saw_is_recorded_where_it_was_asked_for(tmp_path: Path) -> None:
    path, clips = tmp_path / "so.sock", tmp_path / "clips"
    with serving(path, "--record", str(clips)) as process, connected(path) as peer:
        peer.submit(speckle(1))
        assert peer.result() is not None
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
        assert process.returncode == 128 + signal.SIGTERM, err
        assert json.loads(out)["clips_failed"] == 0
        assert f"recording around flags and faults into {clips}" in err


@pytest.mark.req("R56")
def test_text_outside_the_tissue_region_is_not_recorded(tmp_path: Path) -> None:
    path, clips = tmp_path / "so.sock", tmp_path / "clips"
    with (
        serving(path, "--record", str(clips), "--blank-outside-region") as process,
        connected(path) as peer,
    ):
        for frame in frames(30):
            pixels = np.pad(frame.pixels, ((20, 0), (0, 0)), constant_values=255)
            height, width = pixels.shape
            peer.submit(
                pixels, roi=(0, 20, width, height), spacing_row_mm=0.3, spacing_column_mm=0.3
            )
            assert peer.result() is not None
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    assert json.loads(out)["clips_failed"] == 0
    assert "text within the tissue region is recorded" in err
    pictures = sorted(clips.rglob("*.png"))
    assert len(pictures) > 10
    for picture in pictures:
        written = cv2.imread(str(picture), cv2.IMREAD_UNCHANGED)
        assert written is not None
        assert not written[:20].any()
        assert written[20:].any()


@pytest.mark.req("R56")
def test_frames_that_name_no_region_to_trust_are_not_recorded(tmp_path: Path) -> None:
    path, clips = tmp_path / "so.sock", tmp_path / "clips"
    with (
        serving(path, "--record", str(clips), "--blank-outside-region") as process,
        connected(path) as peer,
    ):
        for frame in frames(30):
            peer.submit(frame.pixels, spacing_row_mm=0.3, spacing_column_mm=0.3)
            assert peer.result() is not None
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=60)
    report = json.loads(out)
    assert (report["clips"], report["clips_failed"]) == ([], 1)
    assert "no tissue region that can be trusted" in report["clips_failed_why"]
    assert list(clips.rglob("*.png")) == []


@pytest.mark.req("R66")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_service_that_dies_or_stops_is_not_valid_any_more(
    tmp_path: Path, number: signal.Signals
) -> None:
    path = tmp_path / "so.sock"
    with serving(path) as process, connected(path) as peer:
        assert wait_until(lambda: peer.word("valid_until_ns") > time.monotonic_ns())
        process.send_signal(number)
        assert wait_until(lambda: peer.word("valid_until_ns") <= time.monotonic_ns())
        until_ns = peer.word("valid_until_ns")
        time.sleep(0.1)
        assert peer.word("valid_until_ns") == until_ns
        if number == signal.SIGSTOP:
            process.send_signal(signal.SIGCONT)
            assert wait_until(lambda: peer.word("valid_until_ns") > time.monotonic_ns())


def test_the_next_service_takes_a_killed_ones_place(tmp_path: Path) -> None:
    path = tmp_path / "so.sock"
    with serving(path), connected(path):
        pass
    assert path.is_socket()
    with serving(path), connected(path) as peer:
        peer.submit(speckle(1))
        assert peer.result() is not None


@pytest.mark.parametrize(
    ("options", "want"),
    [
        (["--mode", "999"], "three octal digits"),
        (["--mode", "0"], "three octal digits"),
        (["--blank-outside-region"], "--blank-outside-region goes with --record"),
        ([], "give --socket PATH"),
        (["--socket", "/dev/null"], "SERVICE_ERROR: /dev/null is no socket"),
        (["--socket", "/absent/so.sock"], "SERVICE_ERROR"),
    ],
)
def test_what_cannot_be_served_at_is_refused_before_an_engine_is_loaded(
    options: list[str], want: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["serve", str(TINY), *options]) == 2
    assert want in capsys.readouterr().err


def test_a_bundle_that_cannot_be_used_leaves_no_socket(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "so.sock"
    assert cli.main(["serve", str(tmp_path / "absent"), "--socket", str(path)]) == 5
    assert "BUNDLE_NOT_FOUND" in capsys.readouterr().err
    assert not path.exists()


@pytest.mark.req("R86")
def test_a_bundle_of_lines_is_refused_by_name_as_the_protocol_carries_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = shutil.copytree(TINY, tmp_path / "bundle")
    data = json.loads((bundle / "manifest.json").read_text())
    data["postprocess"]["geometry"] = "line"
    (bundle / "manifest.json").write_text(manifest_text(data))
    path = tmp_path / "so.sock"
    assert cli.main(["serve", str(bundle), "--socket", str(path)]) == 2
    assert 'postprocess.geometry "line"' in capsys.readouterr().err
    assert not path.exists()
