from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import onnx
from onnx import numpy_helper

from sonoedge_export.candidates.networks import Networks, QuantizableGraph
from sonoedge_export.progress import Stages
from sonoedge_export.quantize.layers import layers
from sonoedge_export.quantize.rounding import HALF_LEVELS, LEVELS

TINY = Path(__file__).parents[2] / "data" / "tiny" / "graphs" / "fp32.onnx"


def graph(name: str) -> Any:
    return cast(Any, SimpleNamespace(onnx=name.encode()))


def test_pruned_variants_can_be_built_only_where_there_is_a_pruned_network() -> None:
    names = ["onnxruntime-fp32", "pruned-onnxruntime-fp32"]
    assert Networks(unpruned=graph("a")).buildable(names) == ["onnxruntime-fp32"]
    assert Networks(unpruned=graph("a"), pruned=graph("b")).buildable(names) == names


def test_graphs_are_recorded_by_the_name_of_their_network() -> None:
    assert Networks(unpruned=graph("a")).onnx() == {"network": b"a"}
    both = Networks(unpruned=graph("a"), pruned=graph("b")).onnx()
    assert both == {"network": b"a", "pruned": b"b"}


def test_a_graph_is_ranked_once_however_often_it_is_asked_for() -> None:
    log = io.StringIO()
    frame = np.full((1, 1, 64, 96), 90, np.uint8)
    quantizable = QuantizableGraph(TINY.read_bytes(), (frame,), Stages(log))
    assert quantizable.ranked is quantizable.ranked
    assert len(quantizable.ranked) == 3
    assert log.getvalue().count("rank the layers") == 1


def test_weights_are_rounded_once_for_each_number_of_levels() -> None:
    log = io.StringIO()
    rng = np.random.default_rng(0)
    frames = tuple(rng.integers(0, 256, (4, 1, 1, 64, 96), dtype=np.uint8))
    model = onnx.load(TINY)  # its own weights lie on levels already
    for weight in (i for i in model.graph.initializer if len(i.dims) == 4):
        weight.CopyFrom(
            numpy_helper.from_array(rng.normal(size=weight.dims).astype(np.float32), weight.name)
        )
    quantizable = QuantizableGraph(model.SerializeToString(), frames, Stages(log))
    whole, again = (quantizable.rounded(LEVELS, ()) for _ in range(2))
    assert whole == again != quantizable.prepared
    assert log.getvalue().count("round the weights") == 1
    assert quantizable.rounded(HALF_LEVELS, ()) != whole
    names = layers(onnx.load_from_string(quantizable.prepared))
    assert quantizable.rounded(LEVELS, names) == quantizable.prepared
    assert log.getvalue().count("round the weights") == 2
