"""A head as a graph of plain operators."""

from __future__ import annotations

import onnx
import pytest

from head_samples import fitted, rows
from sonoedge_export.heads.to_onnx import to_onnx
from sonoedge_export.heads.verify import ask_head, load_head
from sonoedge_export.recipe.head import CHOICES


def test_a_measure_out_of_its_mind_does_not_carry_the_answer() -> None:
    head = fitted("logistic")
    usual = rows(120, seed=1).measures[:1]
    huge, capped = usual.copy(), usual.copy()
    huge[0, 0] = 1e9
    capped[0, 0] = head.mean[0] + 4 * head.scale[0]
    engine = load_head(to_onnx(head))
    assert ask_head(engine, huge)[0] == pytest.approx(ask_head(engine, capped)[0], abs=1e-6)


def test_only_a_forest_needs_more_than_plain_operators() -> None:
    for kind in CHOICES:
        domains = {o.domain for o in onnx.load_from_string(to_onnx(fitted(kind))).opset_import}
        assert domains == ({"", "ai.onnx.ml"} if kind == "forest" else {""})


def test_the_same_rows_give_the_same_bytes() -> None:
    assert to_onnx(fitted("network")) == to_onnx(fitted("network"))
