from __future__ import annotations

import json
from itertools import count
from pathlib import Path

import numpy as np
import pytest

import sonoedge
from sonoedge import Analyser, GuardSettings, Origin
from sonoedge.cli import main
from sonoedge.errors import InvalidSettings
from sonoedge.postprocess import PostprocessSpec
from sonoedge.preprocess import PreprocessSpec
from sonoedge.runtime import Tensors, TensorSpec
from sonoedge_bench.measure import measure, quantiles

TINY = Path(__file__).parent.parent / "data" / "tiny"
SPEC = PreprocessSpec(height=32, width=32)


class Counting:
    """A runtime that counts its calls."""

    inputs = (TensorSpec(name="frame", dtype="uint8", shape=(1, 1, 32, 32)),)
    outputs = (TensorSpec(name="lesion_map", dtype="uint8", shape=(1, 1, 16, 16)),)

    def __init__(self) -> None:
        self.calls = 0

    def infer(self, tensors: Tensors) -> Tensors:
        self.calls += 1
        return {"lesion_map": np.zeros((1, 1, 16, 16), np.uint8)}

    def close(self) -> None:
        pass


def analyser(engine: Counting) -> Analyser:
    ticks = count(step=1_000_000)
    return Analyser(
        engine,
        preprocess=SPEC,
        postprocess=PostprocessSpec(labels=("lesion",), positive=("lesion",)),
        guard=GuardSettings(),
        origin=Origin(bundle_id="b", engine_sha256="0", runtime="r", precision="p", variant="v"),
        clock_ns=lambda: next(ticks),
    )


def pictures(number: int = 2) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 200, (40, 50), dtype=np.uint8) for _ in range(number)]


def test_warm_ups_are_made_but_not_timed_and_every_call_is_one_of_two() -> None:
    engine, ticks = Counting(), count(step=2_000_000)
    samples = measure(
        {"v": analyser(engine)}, SPEC, pictures(), frames=6, warmup=4, clock_ns=lambda: next(ticks)
    )["v"]
    assert engine.calls == 2 * (6 + 4)
    assert samples.engine_ms == (2.0,) * 6
    assert samples.total_ms == (2.0,) * 6
    assert samples.overhead_ms == (0.0,) * 6
    assert all(
        samples.stages_ms[stage] == (1.0,) * 6 for stage in ("guard", "preprocess", "engine")
    )


def test_the_overhead_is_the_difference_within_a_turn() -> None:
    # Readings in turns: bare takes 5 then analyse 8; then analyse 9 and bare 4.
    readings = iter(np.cumsum([0, 5, 1, 8, 1, 9, 1, 4]) * 1_000_000)
    samples = measure(
        {"v": analyser(Counting())}, SPEC, pictures(), frames=2, warmup=0,
        clock_ns=lambda: int(next(readings)),
    )["v"]  # fmt: skip
    assert samples.engine_ms == (5.0, 4.0)
    assert samples.total_ms == (8.0, 9.0)
    assert samples.overhead_ms == (3.0, 5.0)


def test_one_picture_alone_is_refused() -> None:
    with pytest.raises(InvalidSettings, match="two or more"):
        measure({"v": analyser(Counting())}, SPEC, pictures(1), frames=1)


def test_a_picture_that_is_not_analysed_is_no_measurement() -> None:
    black = [np.zeros((40, 50), np.uint8)] * 2
    with pytest.raises(InvalidSettings, match="not analysed"):
        measure({"v": analyser(Counting())}, SPEC, black, frames=1)


def test_quantiles_are_numpys() -> None:
    assert quantiles(list(range(101))) == {"p50": 50.0, "p90": 90.0, "p99": 99.0}


def test_the_command_writes_figures_and_raw_samples(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    out = tmp_path / "latency.json"
    words = ["--runtime", "onnxruntime", "--frames", "5", "--size", "64x48", "--json", str(out)]
    assert main(["bench", str(TINY), *words]) == 0
    data = json.loads(out.read_text())
    assert data["bundle_id"] == sonoedge.open(TINY).origin.bundle_id
    assert data["size"] == [64, 48]
    (variant,) = data["variants"].values()
    for key in ("engine_ms", "total_ms", "overhead_ms"):
        assert set(variant[key]) == {"p50", "p90", "p99"}
    assert len(variant["samples"]["engine_ms"]) == variant["frames"] == 5
    assert data["machine"]["packages"]["numpy"] == np.__version__
    assert "onnxruntime-fp32" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["--size", "640"], ["--frames", "0"], ["--variant", "none"]])
def test_wrong_arguments_are_refused(words: list[str]) -> None:
    assert main(["bench", str(TINY), *words]) == 2


def test_cold_starts_are_measured_in_fresh_processes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    out = tmp_path / "cold.json"
    words = ["--runtime", "onnxruntime", "--cold", "2", "--json", str(out)]
    assert main(["bench", str(TINY), *words]) == 0
    (variant,) = json.loads(out.read_text())["variants"].values()
    for step in ("numpy_cv2_ms", "import_ms", "open_ms", "first_frame_ms"):
        assert len(variant[step]["samples"]) == 2
        assert min(variant[step]["samples"]) > 0
    assert "onnxruntime-fp32" in capsys.readouterr().out
