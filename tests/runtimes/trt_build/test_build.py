"""The child process, its outcomes, and its deaths; a stand-in plays TensorRT."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sonoedge.errors import (
    EngineBuildFailed,
    InvalidSettings,
    MissingDependency,
    RuntimeUnavailable,
)
from sonoedge_runtimes.trt_build import BuildResult, build
from sonoedge_runtimes.trt_build import load as loading

STAND_IN = """
import os, signal, sys, time
__version__ = "9.9.9"

class Names:
    def __init__(self, *names):
        self.__members__ = {n: k for k, n in enumerate(names)}
    def __getattr__(self, name):
        return self.__members__[name]

ComputeCapability = Names("NONE", "SM86", "SM120")
NetworkDefinitionCreationFlag = Names("STRONGLY_TYPED")
ProfilingVerbosity = Names("DETAILED")
MemoryPoolType = Names("WORKSPACE")

class ILogger:
    def __init__(self):
        pass

class IProgressMonitor:
    def __init__(self):
        pass

class Said:
    def __init__(self, name):
        self.name = name

class Config:
    def set_memory_pool_limit(self, pool, size):
        self.limit = size
    def set_compute_capability(self, capability, number):
        self.capability = capability
        return True

class Network:
    num_inputs = num_outputs = 1

class Builder:
    def __init__(self, logger):
        self.logger = logger
        print("noise on standard output", flush=True)
    def create_network(self, flags):
        assert flags == 1
        return Network()
    def create_builder_config(self):
        return Config()
    def build_serialized_network(self, network, config):
        say = lambda severity, text: self.logger.log(Said(severity), text)
        config.progress_monitor.phase_start("Building engine", None, 2)
        config.progress_monitor.phase_start("Timing", "Building engine", 5)
        config.progress_monitor.step_complete("Building engine", 0)
        if network.do == "none":
            say("ERROR", "OutOfMemory (Requested size was 8296776 bytes.)")
            return None
        if network.do == "silent":
            return None
        say("WARNING", "twice"); say("WARNING", "twice")
        say("VERBOSE", "Engine Layer Information:\\n"
            "Layer(CaskConvolution): conv, Tactic: 0x1, x[Int8(1,1)] -> y[Float(1,1)]")
        return b"engine " + repr(sorted(vars(config).items(), key=str)[:2]).encode()

class Error:
    def node_operator(self): return "Resize"
    def node_name(self): return "up"
    def desc(self): return "mode not supported"

class OnnxParser:
    num_errors = 1
    def __init__(self, network, logger):
        self.network, self.logger = network, logger
    def get_error(self, number):
        return Error()
    def parse(self, data):
        do = self.network.do = data.decode()
        if do == "crash":
            self.logger.log(Said("INFO"), "about to fall")
            os.kill(os.getpid(), signal.SIGSEGV)
        if do == "exit":
            print("gave up", file=sys.stderr, flush=True); os._exit(7)
        if do == "raise":
            raise RuntimeError("a fault of ours")
        if do == "hang":
            time.sleep(60)
        if do == "empty":
            self.network.num_inputs = 0
        if do == "uint8":
            self.logger.log(Said("WARNING"), "QuantizeLinear with UINT8 zero_point only on "
                            "DLA. Defaulting to INT8 instead.")
        return do != "refuse"
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`import tensorrt_rtx` gives the stand-in, in the child process too."""
    (tmp_path / "tensorrt_rtx.py").write_text(STAND_IN)
    monkeypatch.syspath_prepend(tmp_path)


def made(what: str, **settings: object) -> BuildResult:
    return build(what.encode(), flavour="tensorrt-rtx", timeout_s=60, **settings)  # type: ignore[arg-type]


@pytest.mark.usefixtures("stand_in")
def test_an_engine_comes_with_its_report_and_its_log() -> None:
    lines: list[str] = []
    built = made("good", compute_capability="12.0", workspace_bytes=5, on_progress=lines.append)
    assert built.engine.startswith(b"engine ")
    assert b"('capability', 2)" in built.engine
    assert b"('limit', 5)" in built.engine
    report = built.report
    assert report.versions["tensorrt-rtx"] == "9.9.9"
    assert report.compute_capability == "12.0"
    assert report.by_precision == {"int8": 1}
    assert report.int8_convs == ("conv",)
    assert report.not_int8(["conv", "other"]) == ("other",)
    assert report.warnings == ("twice",)
    assert report.engine_bytes == len(built.engine)
    assert "[WARNING] twice\n" in built.log
    assert lines == [
        "parse the graph", "build the engine", "timing", "building engine: step 1 of 2"
    ]  # fmt: skip


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize(
    ("do", "says"),
    [
        ("refuse", "refused the graph: Resize up: mode not supported"),
        ("empty", "the network is empty"),
        ("uint8", "1 uint8 quantizations would be read as int8 with the same scale"),
        ("none", r"not enough memory .* \(OutOfMemory \(Requested size"),
        ("silent", "it gave no reason"),
        ("crash", "ended by SIGSEGV; last words: .*"),
        ("exit", "exit code 7; last words: .*gave up"),
        ("raise", "exit code 1; last words: .*a fault of ours"),
    ],
)
def test_whatever_goes_wrong_in_the_child_is_an_error_of_ours(do: str, says: str) -> None:
    with pytest.raises(EngineBuildFailed, match=f"(?s){says}"):
        made(do)


@pytest.mark.usefixtures("stand_in")
def test_a_builder_that_hangs_is_stopped() -> None:
    with pytest.raises(EngineBuildFailed, match=r"stopped after 1\.5 s"):
        build(b"hang", flavour="tensorrt-rtx", timeout_s=1.5)


@pytest.mark.usefixtures("stand_in")
def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    made("good")
    with pytest.raises(EngineBuildFailed):
        made("crash")
    assert list(scratch.iterdir()) == []


@pytest.mark.usefixtures("stand_in")
def test_an_unknown_gpu_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(InvalidSettings, match=r"compute capability 8\.7; it has 8\.6, 12\.0"):
        made("good", compute_capability="8.7")


@pytest.mark.usefixtures("stand_in")
def test_the_child_ends_with_its_parent(tmp_path: Path) -> None:
    program = (
        "from sonoedge_runtimes.trt_build import build\n"
        "build(b'hang', flavour='tensorrt-rtx', on_progress=lambda l: print(l, flush=True))\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "parse the graph\n"
        children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
        assert len(children) == 1
        parent.kill()
    until = time.monotonic() + 10
    while Path(f"/proc/{children[0]}").exists() and time.monotonic() < until:
        state = Path(f"/proc/{children[0]}/stat").read_text().rpartition(")")[2].split()[0]
        if state == "Z":
            break  # dead; whoever adopts orphans here has not looked yet
        time.sleep(0.02)
    else:
        assert not Path(f"/proc/{children[0]}").exists()


def test_native_tensorrt_without_a_gpu_is_refused_before_it_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if Path("/proc/driver/nvidia/version").exists():
        pytest.skip("this machine has an NVIDIA driver")
    (tmp_path / "tensorrt.py").write_text(STAND_IN)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(RuntimeUnavailable, match="no NVIDIA driver"):
        build(b"crash", flavour="tensorrt", timeout_s=60)


@pytest.mark.parametrize("flavour", ["tensorrt", "tensorrt-rtx"])
def test_a_tensorrt_that_is_missing_says_how_to_get_it(
    flavour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(loading.MODULES, flavour, ("no_such_tensorrt",))  # type: ignore[arg-type]
    with pytest.raises(MissingDependency, match=r"pip install|apt install"):
        loading.load_tensorrt(flavour)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"flavour": "cuda"}, "use tensorrt or tensorrt-rtx"),
        ({"flavour": "tensorrt", "compute_capability": "8.7"}, "the GPU in this machine"),
        ({"flavour": "tensorrt-rtx", "compute_capability": "sm86"}, "write it as 8.6"),
        ({"flavour": "tensorrt", "workspace_bytes": 0}, "above 0"),
        ({"flavour": "tensorrt", "timeout_s": 0}, "above 0"),
    ],
)
def test_arguments_are_checked(settings: dict[str, object], says: str) -> None:
    with pytest.raises(InvalidSettings, match=says):
        build(b"", **settings)  # type: ignore[arg-type]


def test_what_engines_are_not_built_for_is_refused_by_name() -> None:
    with pytest.raises(RuntimeUnavailable, match=r"accelerator \(DLA\).*use the GPU"):
        build(b"graph", flavour="tensorrt", device="dla")
    with pytest.raises(InvalidSettings, match="'tpu' is none of gpu, dla"):
        build(b"graph", flavour="tensorrt", device="tpu")
