from __future__ import annotations

from pathlib import Path

import pytest

from sonoedge_bench.profile.modules import module_names, module_of

GRAPH = (Path(__file__).parents[2] / "data/tiny/graphs/fp32.onnx").read_bytes()
NAMES = {"node_Conv_1": "level1.0", "node_Conv_12": "up4.above.0", "relu_nchwc": "level1.0"}


def test_a_node_is_called_as_the_module_whose_weights_it_reads() -> None:
    names = module_names(GRAPH)
    assert set(names.values()) == {"blur", "lesion"}  # both heads have the same weights
    assert names["relu_nchwc"] == "blur"  # after its activation, as ONNX Runtime calls it
    onnx = pytest.importorskip("onnx", reason="needs onnx")
    nodes = {n.name: n for n in onnx.load_from_string(GRAPH).graph.node}
    for node, module in names.items():
        if node.endswith("_nchwc"):
            continue
        assert nodes[node].op_type == "Conv"
        assert f"network.{module}.weight" in nodes[node].input


@pytest.mark.parametrize(
    ("layer", "module"),
    [
        ("node_Conv_1", "level1.0"),
        ("node_Conv_12_quant", "up4.above.0"),
        ("node_Conv_12/WithoutBiases", "up4.above.0"),
        ("node_Conv_1 + node_relu", "level1.0"),
        ("node_Conv_120", ""),
        ("relu_nchwc", "level1.0"),
        ("relu_nchwc_token_4", "level1.0"),
        ("relu_1_nchwc", ""),
        ("node_relu", ""),
    ],
)
def test_an_engine_s_layer_is_known_by_the_node_in_its_name(layer: str, module: str) -> None:
    assert module_of(layer, NAMES) == module


@pytest.mark.parametrize("data", [b"", b"\xff" * 40, GRAPH[: len(GRAPH) // 2], b"\x3a\xff\x01"])
def test_bytes_that_are_no_graph_have_fewer_names_or_none(data: bytes) -> None:
    assert set(module_names(data)) <= set(module_names(GRAPH))
