"""TensorRT's runtime against stand-ins: the calls, their order, the errors. No GPU computes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sonoedge.errors import (
    EngineFailed,
    EngineLost,
    EngineMismatch,
    InvalidSettings,
    MissingDependency,
    RuntimeUnavailable,
    SonoedgeError,
)
from sonoedge_runtimes.trt import TensorRt, fingerprint
from sonoedge_runtimes.trt_log import MEANINGS, meaning
from sonoedge_runtimes.trt_rtx import TensorRtRtx

pytest.importorskip("onnxruntime", reason="the stand-in for TensorRT computes with it")

GRAPH = (Path(__file__).parent.parent / "data/tiny/graphs/fp32.onnx").read_bytes()
ENGINE = b"ftrt10.3.0\0" + GRAPH
FLAVOURS = [TensorRt, TensorRtRtx]


def load(cls: type[TensorRt] = TensorRt, engine: bytes = ENGINE) -> TensorRt:
    return cls(engine, precision="int8", threads=None)


def given(seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {"frame": rng.integers(0, 256, (1, 1, 64, 96), dtype=np.uint8)}


@pytest.mark.parametrize("cls", FLAVOURS)
def test_an_engine_answers_as_its_graph_does(tensorrt: Any, cls: type[TensorRt]) -> None:
    from sonoedge.runtime import runtime_class

    expected = runtime_class("onnxruntime")(GRAPH, precision="fp32", threads=1)
    engine = load(cls)
    assert engine.inputs == expected.inputs
    assert set(engine.outputs) == set(expected.outputs)
    for seed in range(3):
        answer, wanted = engine.infer(given(seed)), expected.infer(given(seed))
        assert all((answer[name] == wanted[name]).all() for name in wanted)
    engine.close()
    engine.close()
    assert tensorrt.live() == 0
    with pytest.raises(EngineFailed, match="closed"):
        engine.infer(given())


def test_a_call_is_one_launch_of_a_recorded_graph_and_one_wait(tensorrt: Any) -> None:
    engine = load()
    assert engine.cuda_graph
    assert engine.note == ""
    before = len(tensorrt.calls())
    engine.infer(given())
    assert tensorrt.calls()[before:] == ["cudaGraphLaunch", "cudaStreamSynchronize"]
    engine.close()


def test_what_is_recorded_has_run_once_before(tensorrt: Any) -> None:
    load().close()
    calls = tensorrt.calls()
    begin = calls.index("cudaStreamBeginCapture")
    copies = ["cudaMemcpyAsync", "kernel", *["cudaMemcpyAsync"] * 4]
    assert calls[begin - 7 : begin] == [*copies, "cudaStreamSynchronize"]
    assert calls[begin + 1 : begin + 8] == [*copies, "cudaStreamEndCapture"]


def test_tensorrt_rtx_records_by_its_own_strategy(tensorrt: Any) -> None:
    engine = load(TensorRtRtx)
    assert engine.cuda_graph
    assert "cudaStreamBeginCapture" not in tensorrt.calls()
    before = len(tensorrt.calls())
    engine.infer(given())
    assert tensorrt.calls()[before:] == [
        *("cudaMemcpyAsync", "kernel", *["cudaMemcpyAsync"] * 4),
        "cudaStreamSynchronize",
    ]
    engine.close()


def test_tensorrt_rtx_takes_back_the_kernels_that_it_has_compiled(tensorrt: Any) -> None:
    import tensorrt_rtx

    first = load(TensorRtRtx)
    kernels = first.kernels()
    first.close()
    assert kernels
    assert len(tensorrt_rtx._compiled) == 1
    again = TensorRtRtx(ENGINE, precision="int8", threads=None, weights=kernels)
    again.infer(given())
    assert len(tensorrt_rtx._compiled) == 1
    assert again.note == ""
    again.close()
    assert tensorrt.live() == 0


def test_kernels_of_another_gpu_are_compiled_again_and_it_is_said(tensorrt: Any) -> None:
    import tensorrt_rtx

    engine = TensorRtRtx(ENGINE, precision="int8", threads=None, weights=b"of another")
    assert len(tensorrt_rtx._compiled) == 1
    assert "compiled again" in engine.note
    assert engine.infer(given())["class_probs"].shape == (1, 3)
    engine.close()


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        ("ICudaEngine", "create_runtime_config"),
        ("IRuntimeConfig", "create_runtime_cache"),
        ("IRuntimeConfig", "cuda_graph_strategy"),
    ],
)
def test_a_tensorrt_rtx_that_lacks_a_name_does_without(
    tensorrt: Any, monkeypatch: pytest.MonkeyPatch, owner: str, name: str
) -> None:
    import tensorrt_rtx

    cls = getattr(tensorrt_rtx, owner)
    monkeypatch.delattr(cls, name)
    # Such a version makes a context without being told how to record.
    monkeypatch.setattr(
        tensorrt_rtx.ICudaEngine,
        "create_execution_context",
        lambda self, config=None: tensorrt_rtx.IExecutionContext(
            self, config or tensorrt_rtx.IRuntimeConfig()
        ),
    )
    engine = load(TensorRtRtx)
    assert engine.cuda_graph
    ours = "cudaStreamBeginCapture" in tensorrt.calls()
    assert ours == (name != "create_runtime_cache")
    assert bool(engine.kernels()) == (name == "cuda_graph_strategy")
    engine.close()
    assert tensorrt.live() == 0


def test_native_tensorrt_compiles_nothing_at_run_time(tensorrt: Any) -> None:
    engine = load()
    assert engine.kernels() == b""
    engine.close()


def test_memory_that_is_not_used_yet_is_refused_by_name() -> None:
    with pytest.raises(RuntimeUnavailable, match=r"zero copy.*use pinned"):
        TensorRt(ENGINE, precision="int8", threads=None, memory="mapped")
    with pytest.raises(InvalidSettings, match="'paged' is none of pinned, mapped"):
        TensorRt(ENGINE, precision="int8", threads=None, memory="paged")


@pytest.mark.parametrize(
    ("step", "after"), [("cudaStreamBeginCapture", 0), ("kernel", 1), ("cudaGraphInstantiate", 0)]
)
def test_a_gpu_that_records_nothing_runs_step_by_step_and_says_so(
    tensorrt: Any, step: str, after: int
) -> None:
    tensorrt.fail(step, 801, after=after)
    engine = load()
    assert not engine.cuda_graph
    assert "(801)" in engine.note or step == "kernel"
    wanted = load().infer(given())
    assert all((engine.infer(given())[name] == wanted[name]).all() for name in wanted)
    engine.close()


def test_the_arrays_returned_belong_to_the_caller_and_the_input_is_not_written_to(
    tensorrt: Any,
) -> None:
    engine, tensors = load(), given()
    before = tensors["frame"].copy()
    first = engine.infer(tensors)
    kept = {name: value.copy() for name, value in first.items()}
    engine.infer(given(1))
    assert all((first[name] == kept[name]).all() for name in kept)
    assert (tensors["frame"] == before).all()
    engine.close()
    assert first["class_probs"].sum() == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"frame": np.zeros((1, 1, 1, 96), np.uint8)},
        {"frame": np.zeros((1, 1, 64, 96), np.float32)},
        {"picture": np.zeros((1, 1, 64, 96), np.uint8)},
        {},
    ],
)
def test_a_wrong_tensor_is_our_error_and_the_engine_lives_on(
    tensorrt: Any, wrong: dict[str, np.ndarray]
) -> None:
    engine = load()
    with pytest.raises(EngineFailed, match="frame must be uint8"):
        engine.infer(wrong)
    assert engine.infer(given())["class_probs"].shape == (1, 3)
    engine.close()


@pytest.mark.parametrize("cls", FLAVOURS)
@pytest.mark.parametrize("engine", [b"", b"nonsense", GRAPH])
def test_bytes_that_are_no_engine_are_a_mismatch_and_nothing_is_left(
    tensorrt: Any, cls: type[TensorRt], engine: bytes
) -> None:
    with pytest.raises(EngineMismatch, match="sonoedge provision"):
        load(cls, engine)
    assert tensorrt.live() == 0


def test_an_engine_of_another_version_is_a_mismatch(tensorrt: Any) -> None:
    with pytest.raises(EngineMismatch, match=r"another TensorRT.*got 10\.13\.0"):
        load(engine=b"ftrt10.13.0\0" + GRAPH)


TAKING = ["cudaStreamCreateWithFlags", "cudaHostAlloc", "cudaMalloc", "cudaMemcpyAsync", "kernel"]


@pytest.mark.parametrize("after", [0, 2])
@pytest.mark.parametrize("step", TAKING)
def test_a_step_that_fails_while_loading_leaves_nothing_behind(
    tensorrt: Any, step: str, after: int
) -> None:
    tensorrt.fail(step, 2, after=after)
    try:
        engine = load()
    except EngineFailed:
        assert tensorrt.live() == 0
    else:  # there is one stream, and a third kernel only with a frame
        assert (step, after) in {("cudaStreamCreateWithFlags", 2), ("kernel", 2)}
        engine.close()
        assert tensorrt.live() == 0


def test_a_lost_context_is_lost_for_every_later_call(tensorrt: Any) -> None:
    engine = load()
    tensorrt.fail("cudaStreamSynchronize", 700)  # not sticky: ours remembers by itself
    with pytest.raises(EngineLost, match="illegal memory access"):
        engine.infer(given())
    calls = len(tensorrt.calls())
    with pytest.raises(EngineLost):
        engine.infer(given())
    assert len(tensorrt.calls()) == calls
    assert "illegal memory access" in engine.lost
    engine.close()


def test_nothing_is_given_back_while_a_copy_may_be_under_way(tensorrt: Any) -> None:
    engine = load()
    before = len(tensorrt.calls())
    engine.close()
    assert tensorrt.calls()[before] == "cudaStreamSynchronize"
    assert "cudaFreeHost" in tensorrt.calls()[before + 1 :]


def test_an_ordinary_failure_is_of_one_frame(tensorrt: Any) -> None:
    engine = load()
    tensorrt.fail("cudaGraphLaunch", 1)
    with pytest.raises(EngineFailed) as caught:
        engine.infer(given())
    assert not isinstance(caught.value, EngineLost)
    assert engine.infer(given())["class_probs"].shape == (1, 3)
    engine.close()


@pytest.mark.parametrize("code", [46, 100])
def test_a_gpu_that_goes_away_while_frames_come_is_a_loss(tensorrt: Any, code: int) -> None:
    engine = load()
    tensorrt.fail("cudaGraphLaunch", code)
    with pytest.raises(EngineLost):
        engine.infer(given())
    engine.close()


def test_a_precision_that_it_has_not_is_refused_before_the_gpu_is_asked() -> None:
    with pytest.raises(RuntimeUnavailable, match="no fp4"):
        TensorRt(ENGINE, precision="fp4", threads=None)
    with pytest.raises(EngineFailed, match="one file"):
        TensorRt(ENGINE, precision="int8", threads=None, weights=b"")


def test_tensorrt_that_is_not_installed_says_how_to_get_it(cuda: Any) -> None:
    if "tensorrt" in sys.modules:
        pytest.skip("TensorRT is installed here")
    with pytest.raises(MissingDependency, match="python3-libnvinfer"):
        load()


def test_without_a_gpu_tensorrt_is_not_even_imported(fake_environment: dict[str, str]) -> None:
    code = (
        "import sys; from sonoedge_runtimes.trt import TensorRt\n"
        "try: TensorRt(b'', precision='int8', threads=None)\n"
        "except Exception as error: print(type(error).__name__, 'tensorrt' in sys.modules)"
    )
    environment = fake_environment | {"FAKE_GPU_COUNT": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["RuntimeUnavailable", "False"]


def test_a_fingerprint_names_what_an_engine_is_bound_to(tensorrt: Any) -> None:
    found = fingerprint("tensorrt")
    assert found == {
        "gpu": "Fake Orin",
        "compute_capability": "8.7",
        "driver": found["driver"],
        "driver_cuda": "12.6",
        "cuda_runtime": "12.6",
        "tensorrt": "tensorrt 10.3.0",
    }


@pytest.mark.parametrize(("part", "cls"), [(part, cls) for part, cls, _ in MEANINGS])
def test_what_tensorrt_says_becomes_our_error_with_its_own_words(
    part: str, cls: type[SonoedgeError]
) -> None:
    error = meaning("tensorrt refused the engine", ["first", f"In x: {part} failed"])
    assert type(error) is cls
    assert part in str(error)


def test_what_nobody_knows_is_told_as_it_was_said() -> None:
    assert str(meaning("it failed", [])) == "it failed: it gave no reason"
    assert str(meaning("it failed", ["a", "b\n c"])) == "it failed: b c"
