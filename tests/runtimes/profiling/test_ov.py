from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("openvino", reason="needs OpenVINO")

from sonoedge_runtimes.ov import OpenVino
from sonoedge_runtimes.profiling.ov import ProfiledOpenVino


def test_it_answers_as_the_plain_engine_and_tells_a_time_per_layer(repository: Path) -> None:
    model = (repository / "tests/data/tiny/graphs/fp32.onnx").read_bytes()
    plain = OpenVino(model, precision="fp32", threads=1)
    engine = ProfiledOpenVino(model, precision="fp32", threads=1)
    given = {"frame": np.full(engine.inputs[0].shape, 90, np.uint8)}
    for _ in range(5):
        answer = engine.infer(given)
    assert all(np.array_equal(answer[k], v) for k, v in plain.infer(given).items())
    layers = engine.layer_times(skip=2)
    convolutions = [layer for layer in layers if layer.operator == "Convolution"]
    assert len(convolutions) >= 2
    assert all(c.calls == 3 and c.kernel.endswith("f32") for c in convolutions)
    assert engine.layer_times(skip=5) == ()
