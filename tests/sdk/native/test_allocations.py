"""Behind READY a frame allocates its results, and nothing beside them."""

from __future__ import annotations

import gc
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import sonoedge
from sonoedge import Analysed, EngineOptions, Frame, native

TINY = Path(__file__).parents[2] / "data" / "tiny"
MOST_BYTES = 6_000  # of a result with its regions and outlines, and of what makes it


@pytest.mark.req("R82")
@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_a_frame_allocates_no_more_than_its_result(
    runtime: str, native_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip(runtime, reason=f"needs {runtime}")
    monkeypatch.setattr(native, "FILE", native_file)
    engine = EngineOptions(runtime=runtime, threads=1, frame_path="native")
    with sonoedge.open(TINY, engine) as analyser:
        size = analyser.engine.inputs[0].shape[2:]
        pixels = np.random.default_rng(0).integers(20, 200, (480, 640), dtype=np.uint8)
        pixels[150:300, 200:400] //= 8  # dark spots are what it finds
        frames = [Frame(pixels=np.roll(pixels, n, 1), captured_ns=n) for n in range(100)]
        for frame in frames[:20]:
            assert isinstance(analyser.analyse(frame), Analysed)
        gc.collect()
        gc.disable()
        tracemalloc.start()
        try:
            for frame in frames[20:60]:  # what tracing itself takes
                analyser.analyse(frame)
            most, kept = 0, []
            for _ in range(3):  # what else goes on in this process is not in all of them
                before, _ = tracemalloc.get_traced_memory()
                for frame in frames[60:]:
                    tracemalloc.reset_peak()
                    begin, _ = tracemalloc.get_traced_memory()
                    analyser.analyse(frame)
                    most = max(most, tracemalloc.get_traced_memory()[1] - begin)
                kept.append(tracemalloc.get_traced_memory()[0] - before)
        finally:
            tracemalloc.stop()
            gc.enable()
        assert most <= MOST_BYTES < size[0] * size[1]  # not even an input's worth
        assert min(kept) <= 1000  # nothing is kept
