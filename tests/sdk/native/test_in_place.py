"""An engine's outputs that are read where they lie, and those of another engine in its place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sonoedge
from sonoedge import Analysed, Analyser, EngineOptions, Frame, native
from sonoedge.runtime import Runtime, Tensors, TensorSpec

TINY = Path(__file__).parents[2] / "data" / "tiny"


class Another:
    """The same engine, not in place, which finds nothing in any frame and keeps its last map."""

    def __init__(self, inner: Runtime) -> None:
        self.inputs: tuple[TensorSpec, ...] = inner.inputs
        self.outputs: tuple[TensorSpec, ...] = inner.outputs
        self._inner = inner

    def infer(self, tensors: Tensors) -> Tensors:
        answer = dict(self._inner.infer(tensors))
        answer["lesion_map"] = self.nothing = np.zeros_like(answer["lesion_map"])
        return answer

    def close(self) -> None:
        self._inner.close()


def found(analyser: Analyser, frame: Frame) -> int:
    answer = analyser.analyse(frame)
    assert isinstance(answer, Analysed)
    return len(answer.regions)


def test_an_engine_that_comes_back_is_read_again(
    native_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnxruntime", reason="needs onnxruntime")
    monkeypatch.setattr(native, "FILE", native_file)
    pixels = np.random.default_rng(0).integers(20, 200, (480, 640), dtype=np.uint8)
    pixels[150:300, 200:400] //= 8  # a dark spot is what it finds
    frames = [Frame(pixels=np.roll(pixels, n, 1), captured_ns=n) for n in range(3)]
    engine = EngineOptions(runtime="onnxruntime", threads=1, frame_path="native")
    with sonoedge.open(TINY, engine) as analyser:
        first, another = analyser.engine, Another(analyser.engine)
        assert found(analyser, frames[0]) > 0
        analyser.engine = another
        assert found(analyser, frames[1]) == 0
        analyser.engine = first
        assert found(analyser, frames[2]) > 0
