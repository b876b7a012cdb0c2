"""Nothing is written to the user's folders, and nothing looks at the network, whatever is run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent
TINY = HOUSE.parent / "data" / "tiny"
PICTURE = TINY / "golden" / "frame000.png"

OPEN = """
import sys, cv2, sonoedge
with sonoedge.open(sys.argv[1], sonoedge.EngineOptions(runtime=sys.argv[2])) as analyser:
    frame = sonoedge.Frame(pixels=cv2.imread(sys.argv[3]))
    print(type(analyser.analyse(frame)).__name__)
"""
LIVE = """
import sys, cv2, sonoedge
engine = sonoedge.EngineOptions(runtime=sys.argv[2])
with sonoedge.live(sys.argv[1], max_age_ms=60_000, engine=engine) as session:
    session.submit(sonoedge.Frame(pixels=cv2.imread(sys.argv[3])))
    session.drain(30)
    print(type(session.latest()).__name__)
"""
LITERT = """
import pathlib, sys, numpy as np
from sonoedge.runtime import runtime_class
model = pathlib.Path(sys.argv[1]).read_bytes()
engine = runtime_class("litert")(model, precision="fp32", threads=2)
print(engine.infer({"frame": np.zeros((1, 1, 64, 96), np.uint8)})["finite"][0])
engine.close()
"""
EXPORT = """
import sonoedge_export
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print("imported")
"""


@pytest.fixture(scope="session")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that writes down each look at the network, by whatever code."""
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("needs gcc, which compiles what watches the network")
    library = tmp_path_factory.mktemp("watch") / "watch.so"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Wextra"]
        + ["-o", str(library), str(HOUSE / "watch_network.c"), "-ldl"],
        check=True,
    )
    return library


def traces(watch: Path, folder: Path, *words: str, **more: str) -> tuple[str, list[str], str]:
    """What a fresh process printed, which files it left in a fresh home, what it looked up."""
    home, network = folder / "home", folder / "network.txt"
    home.mkdir()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ORT_", "XDG_", "NNCF_"))}
    process = subprocess.run(
        [sys.executable, *words],
        env=kept
        | {"HOME": str(home), "WATCH_NETWORK": str(network), "LD_PRELOAD": str(watch)}
        | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "PYTHONDONTWRITEBYTECODE": "1"}
        | more,
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=300,
    )
    assert process.returncode == 0, process.stderr
    files = sorted(str(f.relative_to(home)) for f in home.rglob("*") if f.is_file())
    return process.stdout.strip(), files, network.read_text() if network.exists() else ""


@pytest.mark.req("R42")
@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
@pytest.mark.parametrize("program", [OPEN, LIVE], ids=["open", "live"])
def test_an_engine_leaves_no_trace(watch: Path, tmp_path: Path, program: str, runtime: str) -> None:
    pytest.importorskip(runtime)
    words = ("-c", program, str(TINY), runtime, str(PICTURE))
    assert traces(watch, tmp_path, *words) == ("Analysed", [], "")


@pytest.mark.req("R42")
def test_litert_leaves_no_trace(watch: Path, tmp_path: Path) -> None:
    pytest.importorskip("ai_edge_litert", reason="needs LiteRT")
    model = HOUSE.parent / "data/litert/tiny.tflite"
    assert traces(watch, tmp_path, "-c", LITERT, str(model)) == ("1", [], "")


def test_a_benchmark_leaves_no_trace(watch: Path, tmp_path: Path) -> None:
    pytest.importorskip("rich")
    words = ("-m", "sonoedge", "bench", str(TINY), "--frames", "20")
    _, files, network = traces(watch, tmp_path, *words)
    assert (files, network) == ([], "")


def test_what_export_and_verify_import_leaves_no_trace(watch: Path, tmp_path: Path) -> None:
    for name in ("onnx", "torch", "onnxruntime"):
        pytest.importorskip(name)
    modules = ("sonoedge_export.graph.cpu_reference", "sonoedge_export.quantize.sensitivity")
    assert traces(watch, tmp_path, "-c", EXPORT, *modules) == ("imported", [], "")


def test_nncf_and_openvino_of_an_export_find_no_telemetry(tmp_path: Path, watch: Path) -> None:
    pytest.importorskip("nncf")
    program = (
        "import sonoedge_export, sys, nncf, openvino\n"
        "print(bool(sys.modules.get('openvino_telemetry')))"
    )
    assert traces(watch, tmp_path, "-c", program) == ("False", [], "")


def test_the_watch_sees_files_and_sockets(watch: Path, tmp_path: Path) -> None:
    program = (
        "import socket, pathlib\nsocket.socket(socket.AF_INET).close()\n"
        "pathlib.Path.home().joinpath('id').write_text('x')"
    )
    assert traces(watch, tmp_path, "-c", program) == ("", ["id"], "socket\n")
