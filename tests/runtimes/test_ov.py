from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytest.importorskip("openvino", reason="needs OpenVINO")
TINY = Path(__file__).parent.parent / "data" / "tiny"

# Python's audit hooks see every socket, fork and process that Python code makes.
WATCHED = textwrap.dedent(
    """
    import sys
    seen = []
    wanted = ("socket.", "os.fork", "os.posix_spawn", "subprocess.Popen", "os.system")
    def hook(event, args):
        if event.startswith(wanted):
            seen.append(event)
    sys.addaudithook(hook)
    from sonoedge.cli import main
    code = main(["run", {bundle!r}, {source!r}, "--runtime", "openvino", "--jsonl", {out!r}])
    import os
    children = open(f"/proc/self/task/{{os.getpid()}}/children").read().split()
    print("TELEMETRY" if sys.modules.get("openvino_telemetry") else "", children, seen, code)
    """
)


@pytest.mark.req("R42")
def test_a_run_with_openvino_opens_no_socket_and_forks_nothing_but_the_decoder(
    tmp_path: Path,
) -> None:
    import cv2
    import numpy as np

    (tmp_path / "frames").mkdir()
    for n in range(3):
        picture = np.random.default_rng(n).integers(0, 256, (120, 160), dtype=np.uint8)
        cv2.imwrite(str(tmp_path / "frames" / f"{n}.png"), picture)
    program = WATCHED.format(
        bundle=str(TINY), source=str(tmp_path / "frames"), out=str(tmp_path / "out.jsonl")
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    # The process that decodes pictures, and the pair of sockets to it, are all there is.
    decoder = ["socket.__new__", "socket.__new__", "subprocess.Popen"]
    assert done.stdout.splitlines()[-1].strip() == f"[] {decoder} 0"
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 3


def test_the_watch_would_see_a_socket_and_a_fork() -> None:
    program = WATCHED.partition("from sonoedge")[0] + (
        "import socket, os\nsocket.socket()\npid = os.fork()\n"
        "os._exit(0) if pid == 0 else os.waitpid(pid, 0)\nprint(seen)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "socket.__new__" in done.stdout
    assert "os.fork" in done.stdout


def test_bf16_is_refused_where_the_processor_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    from sonoedge.errors import RuntimeUnavailable
    from sonoedge_runtimes import ov

    class Core:
        def get_property(self, device: str, name: str) -> list[str]:
            return ["FP32", "INT8"]

    monkeypatch.setattr(ov, "_core", Core)
    with pytest.raises(RuntimeUnavailable, match="no bf16"):
        ov.OpenVino(b"", precision="bf16", threads=1)


def test_a_signal_is_survived_when_the_older_of_two_engines_was_closed_first() -> None:
    program = textwrap.dedent(
        f"""
        import gc, pathlib, signal
        from sonoedge_runtimes.ov import OpenVino
        model = pathlib.Path({str(TINY / "graphs" / "fp32.onnx")!r}).read_bytes()
        old, new = (OpenVino(model, precision="fp32", threads=1) for _ in range(2))
        old.close(); del old; gc.collect()
        new.close(); del new; gc.collect()
        signal.signal(signal.SIGTERM, lambda *said: print("heard"))
        signal.raise_signal(signal.SIGTERM)
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert (done.returncode, done.stdout) == (0, "heard\n")
