"""Whatever bytes come, lint gives a verdict or our error, and never a traceback."""

from __future__ import annotations

import importlib.util
import random
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from sonoedge.cli import main
from sonoedge.errors import InvalidNetwork
from sonoedge_export.lint import lint

TESTS = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location("lint_graphs", TESTS / "lint_graphs" / "graphs.py")
assert _spec is not None
assert _spec.loader is not None
graphs = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(graphs)

GRAPHS = graphs.CLEAN | graphs.BROKEN


def judged(data: bytes) -> bool:
    """Whether there is a verdict; every other exception than ours fails the test."""
    try:
        lint(data)
    except InvalidNetwork:
        return False
    return True


def test_damaged_bytes_give_a_verdict_or_our_error() -> None:
    draw = random.Random(0)
    files = [make().SerializeToString() for make in GRAPHS.values()]
    answers = []
    for number in range(1500):
        data = bytearray(draw.choice(files))
        if number % 3 == 0:
            del data[draw.randrange(len(data)) :]
        else:
            reach = min(len(data), 1500) if number % 2 else len(data)
            for _ in range(draw.randrange(1, 6)):
                data[draw.randrange(reach)] = draw.randrange(256)
        answers.append(judged(bytes(data)))
    assert {True, False} == set(answers)


@pytest.mark.parametrize("name", GRAPHS)
def test_a_node_without_its_tensors_is_our_error(name: str) -> None:
    whole = GRAPHS[name]()
    for number in range(len(whole.graph.node)):
        for part in ("input", "output"):
            model = onnx.ModelProto()
            model.CopyFrom(whole)
            del getattr(model.graph.node[number], part)[:]
            assert not judged(model.SerializeToString())


def test_it_is_told_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = graphs.int8_net()
    del model.graph.node[0].input[1:]
    onnx.save(model, tmp_path / "model.onnx")
    assert main(["lint", str(tmp_path / "model.onnx"), "--target", "tensorrt"]) == 2
    assert "INVALID_NETWORK: this is a malformed ONNX graph: " in capsys.readouterr().err


def branching(second: str) -> bytes:
    """An If; its branches are a Relu of a tensor outside, and this operator of it."""
    made = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 4]) for n in ("a", "b")]
    branches = [
        helper.make_graph([helper.make_node(kind, ["twice"], [o.name])], kind, [], [o])
        for kind, o in zip(("Relu", second), made, strict=True)
    ]
    nodes = [
        helper.make_node("Add", ["x", "x"], ["twice"]),
        helper.make_node(
            "If", ["yes"], ["y"], then_branch=branches[0], else_branch=branches[1], name="choice"
        ),
    ]
    ends = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 4]) for n in ("x", "y")]
    yes = numpy_helper.from_array(np.array(True), "yes")
    graph = helper.make_graph(nodes, "g", ends[:1], ends[1:], initializer=[yes])
    opset = [helper.make_opsetid("", 18)]
    data: bytes = helper.make_model(graph, opset_imports=opset, ir_version=9).SerializeToString()
    return data


def test_an_inner_graph_may_use_outer_names() -> None:
    onnx.checker.check_model(branching("Sigmoid"))
    assert judged(branching("Sigmoid"))


def test_the_nodes_of_an_inner_graph_are_checked() -> None:
    with pytest.raises(InvalidNetwork, match="Sigmoidal"):
        lint(branching("Sigmoidal"))
