from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sonoedge.errors import EngineFailed, RuntimeUnavailable
from sonoedge.runtime import Runtime, runtime_class

DATA = Path(__file__).parent.parent / "data"
MODEL = (DATA / "tiny/graphs/fp32.onnx").read_bytes()
# What `to_litert` writes of that graph; a test of the export holds both to each other.
LITERT = (DATA / "litert/tiny.tflite").read_bytes()
PACKAGES = {"onnxruntime": "onnxruntime", "openvino": "openvino", "litert": "ai_edge_litert"}


@pytest.fixture(params=PACKAGES)
def name(request: pytest.FixtureRequest) -> str:
    pytest.importorskip(PACKAGES[request.param], reason=f"needs {request.param}")
    return str(request.param)


def model(name: str) -> bytes:
    return LITERT if name == "litert" else MODEL


def load(name: str, precision: str = "fp32", threads: int | None = 1) -> Runtime:
    return runtime_class(name)(model(name), precision=precision, threads=threads)


def given(seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {"frame": rng.integers(0, 256, (1, 1, 64, 96), dtype=np.uint8)}


def test_tensors_are_told_by_name_dtype_and_shape(name: str) -> None:
    runtime = load(name)
    assert [(s.name, s.dtype, s.shape) for s in runtime.inputs] == [
        ("frame", "uint8", (1, 1, 64, 96))
    ]
    assert {(s.name, s.dtype, s.shape) for s in runtime.outputs} == {
        ("lesion_map", "uint8", (1, 1, 32, 48)),
        ("malignancy_map", "uint8", (1, 1, 32, 48)),
        ("class_probs", "float32", (1, 3)),
        ("finite", "uint8", (1,)),
    }


def test_the_arrays_returned_belong_to_the_caller(name: str) -> None:
    runtime = load(name)
    first = runtime.infer(given(0))
    kept = {k: v.copy() for k, v in first.items()}
    runtime.infer({"frame": np.zeros((1, 1, 64, 96), np.uint8)})
    for key, value in first.items():
        assert (value == kept[key]).all()
        value[...] = 0
    again = runtime.infer(given(0))
    assert all((again[k] == kept[k]).all() for k in kept)


def test_the_input_is_not_written_to(name: str) -> None:
    tensors = given()
    before = tensors["frame"].copy()
    load(name).infer(tensors)
    assert (tensors["frame"] == before).all()


@pytest.mark.parametrize(
    "wrong",
    [
        {"frame": np.zeros((1, 1, 32, 96), np.uint8)},
        {"frame": np.zeros((1, 1, 64, 96), np.float32)},
        {"picture": np.zeros((1, 1, 64, 96), np.uint8)},
        {},
    ],
)
def test_a_wrong_tensor_is_our_error_and_the_engine_lives_on(
    name: str, wrong: dict[str, np.ndarray]
) -> None:
    runtime = load(name)
    with pytest.raises(EngineFailed):
        runtime.infer(wrong)
    assert runtime.infer(given())["class_probs"].shape == (1, 3)


@pytest.mark.parametrize("data", [b"", b"nonsense", None], ids=["none", "others", "half"])
def test_bytes_that_are_no_model_are_our_error(name: str, data: bytes | None) -> None:
    given = model(name)[: len(model(name)) // 2] if data is None else data
    with pytest.raises(EngineFailed, match="refused the model"):
        runtime_class(name)(given, precision="fp32", threads=1)


def test_a_precision_that_the_engine_has_not_is_refused(name: str) -> None:
    with pytest.raises(RuntimeUnavailable, match="fp4"):
        load(name, precision="fp4")


def test_closing_twice_is_harmless_and_a_closed_engine_says_so(name: str) -> None:
    runtime = load(name)
    runtime.close()
    runtime.close()
    with pytest.raises(EngineFailed, match="closed"):
        runtime.infer(given())


def test_all_engines_agree(name: str) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    a, b = load("onnxruntime").infer(given()), load(name).infer(given())
    for key in ("lesion_map", "malignancy_map"):
        assert np.abs(a[key].astype(int) - b[key].astype(int)).max() <= 1
    assert np.abs(a["class_probs"] - b["class_probs"]).max() <= 1e-5


@pytest.mark.req("R23")
def test_a_model_of_two_files_is_loaded_from_their_bytes(tmp_path: Path) -> None:
    pytest.importorskip("openvino", reason="needs openvino")
    single = load("openvino")
    from sonoedge_runtimes.ov import ov

    ov.save_model(ov.Core().read_model(MODEL), tmp_path / "m.xml", compress_to_fp16=False)
    model, weights = ((tmp_path / f"m.{end}").read_bytes() for end in ("xml", "bin"))
    (tmp_path / "m.bin").unlink()
    both = runtime_class("openvino")(model, precision="fp32", threads=1, weights=weights)
    assert both.inputs == single.inputs
    assert set(both.outputs) == set(single.outputs)
    want = single.infer(given())
    for name, value in both.infer(given()).items():
        np.testing.assert_array_equal(value, want[name])


@pytest.mark.parametrize("name", ["onnxruntime", "litert"], indirect=True)
def test_engines_of_one_file_refuse_a_second_one(name: str) -> None:
    with pytest.raises(EngineFailed, match="are one file"):
        runtime_class(name)(model(name), precision="fp32", threads=1, weights=b"")


def test_onnx_runtime_answers_the_same_while_its_threads_wait_awake() -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    awake = runtime_class("onnxruntime")(MODEL, precision="fp32", threads=2, spin=True)  # type: ignore[call-arg]
    asleep = load("onnxruntime", threads=2)
    for name, value in awake.infer(given()).items():
        np.testing.assert_array_equal(value, asleep.infer(given())[name])
