"""`sonoedge run --live --metrics`: figures of a real session, and what systemd hears of it."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pytest

from sonoedge.cli import main

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")


def test_a_live_run_leaves_its_figures_and_tells_systemd(
    repository: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    systemd.bind(str(tmp_path / "notify"))
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    frames = tmp_path / "frames"
    frames.mkdir()
    for number in range(6):
        pixels = np.random.default_rng(number).integers(140, 200, (120, 160), np.uint8)
        cv2.circle(pixels, (60, 60), 20, (10,), -1)
        cv2.imwrite(str(frames / f"{number}.png"), pixels)
    file = tmp_path / "sonoedge.prom"
    words = [str(repository / "tests/data/tiny"), str(frames), "--live", "--fps", "3"]
    with systemd:
        assert main(["run", *words, "--metrics", str(file), "--metrics-port", "0"]) == 0
        heard = list(waiting(systemd))
    assert heard[0].startswith("READY=1\nSTATUS=READY")
    assert heard[0].endswith("WATCHDOG=1")
    assert heard[-1] == "STOPPING=1\nSTATUS=CLOSED"
    assert re.search(r"figures at http://127\.0\.0\.1:[1-9]\d*/metrics\n", capsys.readouterr().err)
    text = file.read_text()
    assert "sonoedge_frames_submitted_total 6\n" in text
    assert "sonoedge_frames_in_flight 0\n" in text
    assert "sonoedge_result_age_seconds_count 6\n" in text


def waiting(link: socket.socket) -> Iterator[str]:
    """The messages that lie there."""
    with suppress(BlockingIOError):
        while True:
            yield link.recv(4096, socket.MSG_DONTWAIT).decode()


@pytest.mark.parametrize("option", [["--metrics", "m.prom"], ["--metrics-port", "0"]])
def test_without_a_live_session_there_are_no_figures(
    option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "bundle", "source", *option]) == 2
    assert "give --live as well" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["run", "absent", "absent", "--live"], ["serve", "absent", "--socket", "so.sock"]]
)
@pytest.mark.parametrize(
    ("option", "want"),
    [
        (["--metrics", "m.txt"], "*.prom"),
        (["--metrics", ".prom"], "*.prom"),
        (["--metrics-port", "65536"], "is no port"),
        (["--metrics-port", "-1"], "is no port"),
    ],
)
def test_what_no_collector_can_read_is_refused_before_a_bundle_is_opened(
    words: list[str], option: list[str], want: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, *option]) == 2
    out, err = capsys.readouterr()
    assert (out, want in err) == ("", True)
