"""Engines whose input is filled, and whose answer is read, where they lie."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sonoedge.engines.keep_warm import WarmRuntime
from sonoedge.errors import EngineFailed
from sonoedge.runtime import InPlaceRuntime, Runtime, runtime_class

MODEL = (Path(__file__).parent.parent / "data/tiny/graphs/fp32.onnx").read_bytes()


@pytest.fixture(params=["onnxruntime", "openvino"])
def engine(request: pytest.FixtureRequest) -> Runtime:
    pytest.importorskip(request.param, reason=f"needs {request.param}")
    return runtime_class(request.param)(MODEL, precision="fp32", threads=1)


def given(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (1, 1, 64, 96), dtype=np.uint8)


def test_what_is_filled_is_answered_as_by_infer_in_the_same_place(engine: Runtime) -> None:
    assert isinstance(engine, InPlaceRuntime)
    places = {name: values.ctypes.data for name, values in engine.answer.items()}
    assert set(places) == {spec.name for spec in engine.outputs}
    for seed in range(3):
        wanted = engine.infer({"frame": given(seed)})
        np.copyto(engine.input, given(seed))
        engine.run()
        for name, values in engine.answer.items():
            np.testing.assert_array_equal(values, wanted[name])
            assert values.ctypes.data == places[name]


def test_infer_leaves_the_input_and_the_answer_as_they_are(engine: Runtime) -> None:
    assert isinstance(engine, InPlaceRuntime)
    np.copyto(engine.input, given(0))
    engine.run()
    before = {name: values.copy() for name, values in engine.answer.items()}
    engine.infer({"frame": given(1)})
    np.testing.assert_array_equal(engine.input, given(0))
    for name, values in engine.answer.items():
        np.testing.assert_array_equal(values, before[name])


def test_a_closed_engine_does_not_run(engine: Runtime) -> None:
    assert isinstance(engine, InPlaceRuntime)
    engine.close()
    with pytest.raises(EngineFailed, match="closed"):
        engine.run()


def test_a_tick_of_an_engine_kept_warm_could_overwrite_an_answer_so_it_is_not_in_place(
    engine: Runtime,
) -> None:
    with WarmRuntime(engine) as warm:
        assert not isinstance(warm, InPlaceRuntime)
