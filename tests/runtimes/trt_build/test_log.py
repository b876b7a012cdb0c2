"""The compiled layers, read from the two spellings of the builder's log."""

from __future__ import annotations

from sonoedge_runtimes.trt_build.log import by_precision, compiled_layers

TENSOR = "{{ Name: {0}, Dimensions: [1,8,4,4], Strides: [1,1,1,1], Datatype: {1}, Format: (NHWC) }}"


def tensors(*types: str) -> str:
    return "[" + ", ".join(" " + TENSOR.format(f"t{k}", t) for k, t in enumerate(types)) + "]"


def line(name: str, kind: str, inputs: str, constants: str, outputs: str, metadata: str) -> str:
    return (
        f"Name: {name}, LayerType: {kind}, Inputs: {inputs}, Constants: {constants}, "
        f"Outputs: {outputs}, TacticName: t, StreamId: 0, Metadata: {metadata}"
    )


# The form of TensorRT-RTX 1.7.
RTX = "\n".join(
    [
        "Layers:",
        line(
            "__myl_CastMul_myl0_0",
            "kgen",
            tensors("UInt8"),
            tensors("Float"),
            tensors("Int8"),
            "[ONNX Layer: node_mul][ONNX Layer: x/quantize]",
        ),
        line(
            "conv_a_myl0_1",
            "correlation",
            tensors("Int8"),
            tensors("Int8", "Float"),
            tensors("Float"),
            "[ONNX Layer: conv_a][ONNX Layer: relu]",
        ),
        line(
            "__myl_CorrAdd_myl0_2",
            "runtime_fusion",
            tensors("Half", "Half"),
            tensors("Half"),
            tensors("Half"),
            "[ONNX Layer: conv_b][ONNX Layer: add]",
        ),
        line(
            "gemm_myl0_3",
            "gemm",
            tensors("Float"),
            tensors("Int8"),
            tensors("Float"),
            "[ONNX Layer: gemm]",
        ),
        "Name: wait_myl0_4, LayerType: wait, Inputs: [], Constants: [], Outputs: [], "
        "TacticName: , StreamId: 0, EventId: 1, Metadata: ",
        "",
        "I/O Tensors:",
        " Name: frame, IOMode: Input, DataType: UInt8, Dimensions: [1,1,8,8]",
    ]
)
# The form of native TensorRT 8 to 10, from public build logs.
NATIVE = "\n".join(
    [
        "Engine Layer Information:",
        "Layer(Reformat): x/quantize, Tactic: 0x00000000000003ea, "
        "frame[Float(1,3,640,960)] -> x/int8[Int8(1,3,640,960)]",
        "Layer(CaskConvolution): conv_a + relu, Tactic: 0x11bde0e1d9f2f35d, "
        "x/int8[Int8(1,96,56,56)], skip[Int8(1,96,56,56)] -> y[Half(1,96,56,56)]",
        "Layer(CaskDeconvolutionV2): up, Tactic: 0x1, y[Half(1,8,4,4)] -> z[Half(1,8,8,8)]",
        "Layer(Constant): c + (Unnamed Layer* 1) [Shuffle], Tactic: 0,  -> k[Float(1,1,256)]",
    ]
)


def test_the_list_of_the_new_compiler() -> None:
    layers = compiled_layers([("INFO", "Total Weights Memory: 1"), ("VERBOSE", RTX)])
    assert [each.precision for each in layers] == ["uint8", "int8", "half", "float", "none"]
    assert [each.weighted for each in layers] == [False, True, True, True, False]
    assert layers[1].nodes == ("conv_a", "relu")
    assert layers[1].weights == ("int8", "float")
    assert layers[1].outputs == ("float",)
    assert by_precision(layers) == {"int8": 1, "half": 1, "float": 1}


def test_int8_weights_with_float_input_are_no_int8_arithmetic() -> None:
    gemm = compiled_layers([("VERBOSE", RTX)])[3]
    assert gemm.kind == "gemm"
    assert gemm.precision == "float"


def fused(name: str, *constants: str) -> str:
    """The precision of a fused kernel that takes and gives float."""
    text = line(name, "kgen", tensors("Float"), tensors(*constants), tensors("Float"), "")
    (layer,) = compiled_layers([("VERBOSE", f"Layers:\n{text}")])
    assert layer.weighted
    return layer.precision


def test_a_fused_kernel_that_rounds_its_float_input_to_int8_computes_in_int8() -> None:
    # As TensorRT-RTX compiles EfficientNet's smallest squeeze: name and types from its log.
    name = "__myl_MulSiluMulMinMaxRounCastCorrMul_myl0_18"
    assert fused(name, "Float", "Float", "Int8", "Float") == "int8"
    assert fused(name, "Float", "Float") == "float"  # it rounds, but not its weights
    assert fused("__myl_MulSiluCastMulCorr_myl0_18", "Int8", "Float") == "float"


def test_the_list_of_native_tensorrt() -> None:
    layers = compiled_layers([("VERBOSE", NATIVE)])
    assert [each.kind for each in layers] == [
        "Reformat", "CaskConvolution", "CaskDeconvolutionV2", "Constant"
    ]  # fmt: skip
    assert [each.precision for each in layers] == ["float", "int8", "half", "none"]
    assert layers[1].nodes == ("conv_a", "relu")
    assert by_precision(layers) == {"int8": 1, "half": 1}


def test_a_list_that_comes_line_by_line_is_the_same() -> None:
    one_by_one = [("VERBOSE", text) for text in NATIVE.splitlines()]
    other = ("INFO", "Total Host Persistent Memory: 80 bytes")
    assert compiled_layers([*one_by_one, other]) == compiled_layers([("VERBOSE", NATIVE)])


def test_a_log_without_a_list_gives_no_layers() -> None:
    assert compiled_layers([("INFO", "hello"), ("ERROR", "Layer(x)")]) == ()
