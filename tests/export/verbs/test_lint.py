"""sonoedge lint on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import onnx
import pytest

from sonoedge.cli import main
from sonoedge_export.lint.lint import lint
from sonoedge_export.verbs.lint import MOST_PLACES, text

TINY = Path(__file__).parents[2] / "data" / "tiny" / "graphs" / "fp32.onnx"


def uint8(folder: Path) -> Path:
    """The tiny graph with a uint8 pair on the input of every convolution."""
    model = onnx.load(TINY)
    zero = onnx.helper.make_tensor("zero", onnx.TensorProto.UINT8, [], [0])
    scale = onnx.helper.make_tensor("scale", onnx.TensorProto.FLOAT, [], [0.01])
    model.graph.initializer.extend([zero, scale])
    for number, node in enumerate(list(model.graph.node)):
        if node.op_type == "Conv":
            x, q, d = node.input[0], f"q{number}", f"d{number}"
            where = list(model.graph.node).index(node)
            for kind, a, b in (("DequantizeLinear", q, d), ("QuantizeLinear", x, q)):
                made = onnx.helper.make_node(kind, [a, "scale", "zero"], [b], name=b)
                model.graph.node.insert(where, made)
            node.input[0] = d
    onnx.save(model, folder / "uint8.onnx")
    return folder / "uint8.onnx"


def test_a_float_graph_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", str(TINY), "--target", "tensorrt"]) == 0
    assert capsys.readouterr().out == (
        "fp32.onnx: 0 errors, 0 warnings; 0 of 3 convolutions and matrix products are quantized\n"
    )


def test_errors_end_with_exit_code_3_and_say_where_why_and_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lint", str(uint8(tmp_path)), "--target", "tensorrt"]) == 3
    said = capsys.readouterr().out
    assert "6 errors, 3 warnings" in said
    assert "error T007 uint8, 6 x" in said
    assert f"... and {6 - MOST_PLACES} more" in said
    assert "why:    uint8 is read as int8 with the same scale" in said
    assert "remedy: Quantize to symmetric int8" in said


def test_json_holds_every_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", str(uint8(tmp_path)), "--target", "tensorrt", "--json"]) == 3
    said = json.loads(capsys.readouterr().out)
    assert (said["model"], said["target"]) == ("uint8.onnx", "tensorrt")
    found = [f for f in said["findings"] if f["id"] == "T007"]
    assert len({f["node"] for f in found}) == len(found) == 6
    assert set(found[0]) == {"id", "name", "severity", "node", "problem", "why", "remedy"}


def test_the_text_names_each_rule_once(tmp_path: Path) -> None:
    verdict = lint(uint8(tmp_path).read_bytes())
    said = list(text(verdict, "x"))
    for rule in {f.id for f in verdict.findings}:
        assert len([line for line in said if f" {rule} " in line]) == 1


def test_a_file_that_is_missing_or_no_graph_is_the_callers_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lint", str(tmp_path / "none.onnx"), "--target", "tensorrt"]) == 2
    (tmp_path / "bad.onnx").write_text("bad")
    assert main(["lint", str(tmp_path / "bad.onnx"), "--target", "tensorrt"]) == 2
    assert "INVALID_NETWORK" in capsys.readouterr().err
