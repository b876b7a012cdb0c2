from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")

from sonoedge.errors import EngineFailed
from sonoedge_runtimes.ort import OnnxRuntime
from sonoedge_runtimes.profiling.ort import ProfiledOnnxRuntime


def test_it_answers_as_the_plain_engine_and_tells_a_time_per_layer(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    model = (repository / "tests/data/tiny/graphs/fp32.onnx").read_bytes()
    plain = OnnxRuntime(model, precision="fp32", threads=1)
    engine = ProfiledOnnxRuntime(model, precision="fp32", threads=1)
    given = {"frame": np.full(engine.inputs[0].shape, 90, np.uint8)}
    for _ in range(5):
        answer = engine.infer(given)
    assert all(np.array_equal(answer[k], v) for k, v in plain.infer(given).items())
    layers = engine.layer_times(skip=2)
    assert {"Conv", "Sigmoid"} <= {layer.operator for layer in layers}
    assert {layer.calls for layer in layers} == {3}
    assert sum(layer.total_ms for layer in layers) > 0
    assert list(tmp_path.iterdir()) == []  # its file lay in a folder of its own
    with pytest.raises(EngineFailed, match="closed"):
        engine.layer_times(skip=0)


def test_a_model_that_is_refused_leaves_no_folder_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(EngineFailed, match="refused"):
        ProfiledOnnxRuntime(b"no model", precision="fp32", threads=1)
    assert list(tmp_path.iterdir()) == []
