"""`sonoedge view` as a process, seen by a viewer that speaks its socket."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
pytest.importorskip("websockets", reason="needs the extra view")

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from sonoedge.errors import InvalidSettings
from sonoedge.verbs.view import view

TINY = Path(__file__).parents[2] / "data" / "tiny"


def started(folder: Path) -> tuple[subprocess.Popen[str], str, str]:
    """The process, its host and port, and its token."""
    for i in range(10):
        pixels = np.random.default_rng(i).integers(140, 200, (120, 160), dtype=np.uint8)
        cv2.imwrite(str(folder / f"{i:02d}.png"), pixels)
    words = [sys.executable, "-m", "sonoedge", "view", str(TINY), str(folder), "--fps", "10"]
    process = subprocess.Popen(
        [*words, "--runtime", "onnxruntime"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    host, _, token = process.stdout.readline().strip().removeprefix("http://").partition("/#")
    return process, host, token


def receive(peer: ClientConnection, pictures: list[bytes]) -> None:
    """Draw every picture until the connection is closed."""
    while True:
        message = peer.recv(60)
        if isinstance(message, bytes):
            pictures.append(message)
            peer.send("drawn")


def test_a_recordings_pictures_come_with_their_results_and_its_end_is_told(tmp_path: Path) -> None:
    process, host, token = started(tmp_path)
    pictures: list[bytes] = []
    with connect(f"ws://{host}/live", origin=f"http://{host}", compression=None) as peer:  # type: ignore[arg-type]
        peer.send(token)
        with pytest.raises(ConnectionClosed) as closed:
            receive(peer, pictures)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.reason == "the source has ended"
    assert process.wait(30) == 0
    assert process.stdout is not None
    process.stdout.close()
    assert len(pictures) >= 3
    assert b'"outcome":"analysed"' in pictures[-1]
    last = cv2.imread(str(tmp_path / "09.png"), cv2.IMREAD_GRAYSCALE)
    assert last is not None
    assert last.tobytes() in pictures[-1]
    assert b'"map":{"name":"malignancy_map"' in pictures[-1]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_it_while_nobody_looks(tmp_path: Path, number: int, code: int) -> None:
    process, _, _ = started(tmp_path)
    process.send_signal(number)
    assert process.wait(30) == code
    assert process.stdout is not None
    process.stdout.close()


def test_a_port_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidSettings, match="--port"):
        view([str(TINY), "x", "--port", "70000"])
