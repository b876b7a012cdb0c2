from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

import sonoedge
from sonoedge import Frame, NotAnalysed, Reason
from sonoedge.analyser import Analyser
from sonoedge.analysis import Origin
from sonoedge.bundle import read_bundle
from sonoedge.runtime import runtime_class
from sonoedge_export.graph.finite import finite_flag

TINY = Path(__file__).parents[2] / "data" / "tiny"
NAN, INFINITE = float("nan"), float("inf")


def with_bias(value: float) -> bytes:
    """The tiny bundle's graph, the bias of its lesion map replaced."""
    model = onnx.load(TINY / "graphs" / "fp32.onnx")
    (bias,) = [t for t in model.graph.initializer if t.name.endswith("lesion.bias")]
    bias.CopyFrom(numpy_helper.from_array(np.array([value], np.float32), bias.name))
    data: bytes = model.SerializeToString()
    return data


@pytest.mark.req("R12")
@pytest.mark.parametrize("value", [NAN, INFINITE, -INFINITE])
@pytest.mark.parametrize("where", [0, 1])
def test_one_value_that_is_no_number_lowers_the_flag(value: float, where: int) -> None:
    raw = [torch.zeros(1, 2, 9, 7), torch.zeros(1, 3)]
    assert finite_flag(raw).tolist() == [1]
    raw[where].view(-1)[4 - 2 * where] = value
    assert finite_flag(raw).tolist() == [0]


def test_infinities_of_both_signs_do_not_cancel() -> None:
    assert finite_flag([torch.tensor([[INFINITE, -INFINITE]])]).tolist() == [0]
    assert finite_flag([torch.tensor([[INFINITE]]), torch.tensor([[-INFINITE]])]).tolist() == [0]


def test_large_logits_are_numbers() -> None:
    assert finite_flag([torch.full((1, 1, 64, 64), 1e6)]).tolist() == [1]


@pytest.mark.req("R12")
@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
@pytest.mark.parametrize("value", [NAN, INFINITE, -INFINITE])
def test_a_network_that_breaks_on_the_device_is_not_analysed(runtime: str, value: float) -> None:
    pytest.importorskip(runtime)
    manifest = read_bundle(TINY).manifest
    frame = Frame(pixels=np.random.default_rng(0).integers(20, 200, (120, 160), dtype=np.uint8))
    answers = []
    origin = Origin(bundle_id="", engine_sha256="", runtime=runtime, precision="", variant="")
    for bias in (0.0, value):
        engine = runtime_class(runtime)(with_bias(bias), precision="fp32", threads=1)
        with Analyser(
            engine,
            preprocess=manifest.preprocess,
            postprocess=manifest.postprocess,
            guard=manifest.guard,
            origin=origin,
        ) as analyser:
            answers.append(analyser.analyse(frame))
    assert isinstance(answers[0], sonoedge.Analysed)
    assert isinstance(answers[1], NotAnalysed)
    assert answers[1].reasons == (Reason.ENGINE_OUTPUT_INVALID,)
