"""Which frame path a bundle is opened with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sonoedge
from sonoedge import Analysed, EngineOptions, Frame, native
from sonoedge.errors import InvalidSettings, MissingDependency, RuntimeUnavailable

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
TINY = Path(__file__).parents[2] / "data" / "tiny"


def opened(frame_path: Any, **more: Any) -> sonoedge.Analyser:
    engine = EngineOptions(runtime="onnxruntime", threads=1, frame_path=frame_path)
    return sonoedge.open(TINY, engine, **more)


@pytest.mark.usefixtures("native_built")
@pytest.mark.parametrize(
    ("option", "ran"), [("auto", "native"), ("native", "native"), ("python", "python")]
)
def test_where_it_is_built_it_runs_unless_python_is_asked_for(option: str, ran: str) -> None:
    with opened(option) as analyser:
        frame = np.random.default_rng(0).integers(20, 200, (96, 128), dtype=np.uint8)
        answer = analyser.analyse(Frame(pixels=frame))
        assert isinstance(answer, Analysed)
        assert answer.origin.frame_path == analyser.origin.frame_path == ran


def test_where_it_is_not_built_python_runs_and_asking_for_it_says_how(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(native, "FILE", tmp_path / "frame_path.so")
    with opened("auto") as analyser:
        assert analyser.origin.frame_path == "python"
    with pytest.raises(MissingDependency, match="make native"):
        opened("native")


def test_a_library_of_another_version_is_refused(
    native_built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sonoedge.native.library.__version__", "0.0.9")
    with opened("auto") as analyser:
        assert analyser.origin.frame_path == "python"
    with pytest.raises(RuntimeUnavailable, match="another version of sonoedge"):
        opened("native")


@pytest.mark.usefixtures("native_built")
def test_settings_that_it_does_not_know_are_pythons() -> None:
    guard = sonoedge.GuardSettings(max_side_px=1 << 20)
    with opened("auto", guard=guard) as analyser:
        assert analyser.origin.frame_path == "python"
    with pytest.raises(RuntimeUnavailable, match="does not know max_side_px above 32768"):
        opened("native", guard=guard)


def test_one_that_answers_otherwise_on_golden_frames_does_not_run(
    native_built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that was compiled with floats in another order might."""
    from sonoedge.native.path import NativePath

    made = NativePath.picture

    def off_by_one(self: NativePath, pixels: Any) -> Any:
        return made(self, pixels) ^ np.uint8(1)

    monkeypatch.setattr(NativePath, "picture", off_by_one)
    with opened("auto") as analyser:
        assert analyser.origin.frame_path == "python"
        assert "answers otherwise than Python's on golden frames" in analyser.choice
    with pytest.raises(RuntimeUnavailable, match="answers otherwise"):
        opened("native")


def test_an_option_that_there_is_not_is_refused() -> None:
    with pytest.raises(InvalidSettings, match="use 'auto', 'python' or 'native'"):
        EngineOptions(frame_path="c")  # type: ignore[arg-type]


def test_nothing_of_it_is_imported_where_it_does_not_run() -> None:
    code = (
        "import sys, sonoedge\n"
        "e = sonoedge.EngineOptions(runtime='onnxruntime', frame_path='python')\n"
        f"sonoedge.open({str(TINY)!r}, e).close()\n"
        "print([m for m in sys.modules if m.startswith('sonoedge.native.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.usefixtures("native_built")
def test_a_live_session_runs_it_and_says_so() -> None:
    engine = EngineOptions(runtime="onnxruntime", threads=1, frame_path="native")
    with sonoedge.live(TINY, engine=engine, isolation="thread") as session:
        origin = session.status().origin
        assert origin is not None
        assert origin.frame_path == "native"


@pytest.mark.skipif(not native.FILE.is_file(), reason="needs `make native`")
def test_a_worker_runs_it_and_says_so() -> None:
    engine = EngineOptions(runtime="onnxruntime", threads=1, frame_path="native")
    with sonoedge.live(TINY, engine=engine) as session:
        origin = session.status().origin
        assert origin is not None
        assert origin.frame_path == "native"
