"""Whole graphs: in float, and with ONNX Runtime's quantizers around every layer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import litert_graphs
from sonoedge.errors import RuntimeUnavailable
from sonoedge.runtime import runtime_class
from sonoedge_export.litert.convert import to_litert
from sonoedge_export.quantize.layers import outer
from sonoedge_export.quantize.ort import quantize_ort
from sonoedge_export.recipe.calibration import Calibration

SIZE = (1, 1, 32, 48)
Frames = list[npt.NDArray[np.uint8]]


def frames(count: int = 8) -> Frames:
    rng = np.random.default_rng(7)
    return [rng.integers(0, 256, SIZE, dtype=np.uint8) for _ in range(count)]


class Net:
    """Nodes one after the other; each method gives the name of its output."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.rng = np.random.default_rng(0)

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def constant(self, value: Any) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def conv(self, x: str, cin: int, cout: int, kernel: int = 3, **attributes: Any) -> str:
        shape = (cout, cin // attributes.get("group", 1), kernel, kernel)
        spread = (shape[1] * kernel * kernel) ** -0.5
        weight = self.rng.normal(size=shape, scale=spread).astype(np.float32)
        bias = self.rng.normal(size=cout, scale=0.1).astype(np.float32)
        return self.add("Conv", x, self.constant(weight), self.constant(bias), **attributes)

    def relu6(self, x: str) -> str:
        return self.add("Clip", x, self.constant(np.float32(0)), self.constant(np.float32(6)))

    def bytes(self, output: str) -> bytes:
        graph = helper.make_graph(
            self.nodes,
            "g",
            [helper.make_tensor_value_info("frame", TensorProto.UINT8, SIZE)],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
            self.constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
        model.ir_version = 10
        return onnx.shape_inference.infer_shapes(model).SerializeToString()


def network() -> bytes:
    """What the reference networks are made of, small."""
    net, padded = Net(), {"pads": [1, 1, 1, 1]}
    x = net.add("Cast", "frame", to=TensorProto.FLOAT)
    x = net.add("Mul", x, net.constant(np.float32(1 / 127.5)))
    x = net.relu6(net.conv(x, 1, 8, pads=[0, 0, 1, 1], strides=[2, 2]))
    wide = net.relu6(net.conv(x, 8, 16, 1))
    wide = net.relu6(net.conv(wide, 16, 16, 3, group=16, **padded))
    x = net.add("Add", net.conv(wide, 16, 8, 1), x)
    beside = net.add("Relu", net.conv(x, 8, 8, 1))
    down = net.add("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    down = net.add("Relu", net.conv(down, 8, 8, **padded))
    scales = net.constant(np.array([1, 1, 2, 2], np.float32))
    floor = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    up = net.add("Resize", down, "", scales, mode="nearest", **floor)
    both = net.add("Concat", up, beside, axis=1)
    gated = net.add("Mul", both, net.add("Relu", net.conv(both, 16, 16, 1)))
    x = net.conv(gated, 16, 1, 1)
    return net.bytes(net.add("Sigmoid", x))


@pytest.fixture(scope="module")
def quantized() -> bytes:
    graph = network()
    ends = outer(onnx.load_from_string(graph))
    settings = Calibration(frames=("none",))
    return quantize_ort(graph, frames(), settings, keep_float=ends, round_layers=True).model


def answers(model: bytes, runtime: str) -> list[npt.NDArray[Any]]:
    engine = runtime_class(runtime)(model, precision="int8", threads=1)
    return [next(iter(engine.infer({"frame": f}).values())) for f in frames()]


def running(model: bytes) -> Any:
    engine: Any = runtime_class("litert")(model, precision="int8", threads=1)
    return engine._interpreter


def test_a_float_network_answers_as_in_onnx_runtime() -> None:
    graph = network()
    for want, got in zip(
        answers_of_float(graph, "onnxruntime"),
        answers_of_float(to_litert(graph), "litert"),
        strict=True,
    ):
        np.testing.assert_allclose(got, want, atol=1e-5)


def answers_of_float(model: bytes, runtime: str) -> list[npt.NDArray[Any]]:
    engine = runtime_class(runtime)(model, precision="fp32", threads=1)
    return [next(iter(engine.infer({"frame": f}).values())) for f in frames()]


@pytest.mark.req("R90")
def test_an_int8_network_answers_as_its_onnx_graph_does(quantized: bytes) -> None:
    want, got = answers(quantized, "onnxruntime"), answers(to_litert(quantized), "litert")
    exact = answers_of_float(network(), "onnxruntime")
    apart, rounding = np.std(np.subtract(want, got)), np.std(np.subtract(want, exact))
    assert 0 < apart < rounding / 2  # the same rounding, and not another one as small


def test_every_layer_between_the_outer_ones_computes_in_int8(quantized: bytes) -> None:
    interpreter = running(to_litert(quantized))
    types = {t["index"]: t["dtype"].__name__ for t in interpreter.get_tensor_details()}
    operators = [o for o in interpreter._get_ops_details() if o["op_name"] != "DELEGATE"]
    first, *inner, last = (o for o in operators if "CONV_2D" in o["op_name"])
    assert len(inner) == 6
    for layer in inner:
        assert {types[int(t)] for t in (*layer["inputs"][:2], *layer["outputs"])} == {"int8"}
    assert {types[int(t)] for t in (*first["inputs"], *last["inputs"])} == {"float32"}
    entries = [o for o in operators if o["op_name"] == "QUANTIZE"]
    assert [types[int(o["inputs"][0])] for o in entries].count("float32") == 1


@pytest.mark.req("R90")
def test_weights_and_scales_are_those_of_the_graph(quantized: bytes) -> None:
    graph = onnx.load_from_string(quantized).graph
    constants = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    made = {o: n for n in graph.node for o in n.output}
    interpreter = running(to_litert(quantized))
    details = {t["name"]: t for t in interpreter.get_tensor_details()}
    compared = 0
    for layer in (n for n in graph.node if n.op_type == "Conv"):
        weight = made.get(layer.input[1])
        if weight is None or f"{layer.name}_weight" not in details:
            continue
        tensor = details[f"{layer.name}_weight"]
        if tensor["dtype"] is not np.int8:
            continue
        values, scales, zero = (constants[n] for n in weight.input)
        depthwise = values.shape[1] == 1 and "frame" not in layer.input[0]
        want = np.transpose(values, (1, 2, 3, 0) if depthwise else (0, 2, 3, 1))
        np.testing.assert_array_equal(interpreter.get_tensor(tensor["index"]), want)
        np.testing.assert_array_equal(tensor["quantization_parameters"]["scales"], scales)
        assert not zero.any()
        compared += 1
    assert compared >= 6
    compared = 0
    for node in (n for n in graph.node if n.op_type == "QuantizeLinear"):
        scale, zero = (constants[n] for n in node.input[1:])
        tensor = details.get(node.input[0], details.get(node.output[0]))
        if tensor is not None and tensor["dtype"] is np.int8:
            compared += 1
            assert tensor["quantization"] == (float(scale), int(zero) - 128)
    assert compared >= 8


def test_the_same_graph_gives_the_same_bytes(quantized: bytes) -> None:
    assert to_litert(quantized) == to_litert(quantized)


def test_an_operator_that_is_not_written_is_named() -> None:
    made = litert_graphs.node("Erf", "x")
    with pytest.raises(RuntimeUnavailable, match="not written for LiteRT: Erf"):
        to_litert(litert_graphs.Graph(nodes=[made]).onnx())


def test_weights_that_some_kernels_would_overflow_on_are_refused(quantized: bytes) -> None:
    model = onnx.load_from_string(quantized)
    for each in model.graph.initializer:
        if each.data_type == TensorProto.INT8 and len(each.dims) == 4:
            values = numpy_helper.to_array(each).copy()
            values[0, 0, 0, 0] = -128
            each.CopyFrom(numpy_helper.from_array(values, each.name))
    with pytest.raises(RuntimeUnavailable, match="below -127"):
        to_litert(model.SerializeToString())


def test_weights_around_another_number_are_refused(quantized: bytes) -> None:
    model = onnx.load_from_string(quantized)
    for each in model.graph.initializer:
        if each.name.endswith("zero_point") and each.data_type == TensorProto.INT8:
            values = np.ones_like(numpy_helper.to_array(each))
            each.CopyFrom(numpy_helper.from_array(values, each.name))
    with pytest.raises(RuntimeUnavailable, match="around zero"):
        to_litert(model.SerializeToString())


def test_the_file_kept_for_device_tests_is_what_is_written_today(repository: Path) -> None:
    data = repository / "tests/data"
    graph = (data / "tiny/graphs/fp32.onnx").read_bytes()
    assert to_litert(graph) == (data / "litert/tiny.tflite").read_bytes()
