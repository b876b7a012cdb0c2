"""From a torch module, or a float ONNX file, to the ONNX graph that a device runs."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx
import torch
from onnx import compose, version_converter
from torch import Tensor, nn

from sonoedge.errors import InvalidNetwork
from sonoedge_export.onnx_graph import IR_VERSION, OPSET, clean


def to_onnx(
    module: nn.Module, example: tuple[Any, ...], inputs: Sequence[str], outputs: Sequence[str]
) -> onnx.ModelProto:
    """Trace a module with static shapes.

    Raises:
        InvalidNetwork: it cannot be traced.
    """
    quiet = logging.getLogger("torch.onnx")
    level = quiet.level
    quiet.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                module.eval(),
                example,
                input_names=list(inputs),
                output_names=list(outputs),
                opset_version=OPSET,
                dynamo=True,
                external_data=False,
                verbose=False,
            )
            assert program is not None
    except torch.onnx.errors.OnnxExporterError as error:
        raise InvalidNetwork(f"the network cannot be exported to ONNX: {error}") from error
    finally:
        quiet.setLevel(level)
    return clean(program.model_proto)


def around(
    scale: nn.Module, file: Path, answer: nn.Module, input_hw: tuple[int, int], names: Sequence[str]
) -> onnx.ModelProto:
    """Put scaling before and answers behind a float network that comes as an ONNX file.

    The network takes one float32 [1, C, H, W]; its outputs go to `answer` in their order.

    Raises:
        InvalidNetwork: the file is no such network.
    """
    try:
        network = version_converter.convert_version(
            onnx.load(file, load_external_data=False), OPSET
        )
        onnx.checker.check_model(network)
    except Exception as error:  # onnx raises what protobuf and C++ raise
        raise InvalidNetwork(f"{file.name} cannot be used as ONNX: {str(error)[:300]}") from error
    if any(t.data_location == onnx.TensorProto.EXTERNAL for t in network.graph.initializer):
        raise InvalidNetwork(f"{file.name} keeps weights in other files; save it in one file")
    network.ir_version = IR_VERSION
    if len(network.graph.input) != 1:
        raise InvalidNetwork(f"{file.name} must have one input")
    shapes = [[d.dim_value for d in o.type.tensor_type.shape.dim] for o in network.graph.output]
    if any(not all(s) for s in shapes):
        raise InvalidNetwork(f"{file.name} has dynamic output shapes; export it with static ones")
    before = to_onnx(
        scale, (torch.zeros(1, 1, *input_hw, dtype=torch.uint8),), ["frame"], ["scaled"]
    )
    raw = tuple(torch.zeros(*s) for s in shapes)
    given = [f"raw{i}" for i in range(len(raw))]
    behind = to_onnx(_Spread(answer), raw, given, names)
    first = network.graph.input[0].name
    outer = [o.name for o in network.graph.output]
    inner = compose.add_prefix(network, "network/")
    joined = compose.merge_models(before, inner, io_map=[("scaled", f"network/{first}")])
    pairs = [(f"network/{o}", g) for o, g in zip(outer, given, strict=True)]
    behind = _prefixed(behind, set(given) | set(names))
    return clean(compose.merge_models(joined, behind, io_map=pairs))


class _Spread(nn.Module):
    """A module of one tuple, as a module of many tensors."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, *raw: Tensor) -> Any:
        return self.module(raw)


def _prefixed(model: onnx.ModelProto, keep: set[str]) -> onnx.ModelProto:
    """Make inner names of a graph unlike those of another, its inputs and outputs apart."""
    renamed = compose.add_prefix(model, "answer/")
    back = {f"answer/{name}": name for name in keep}
    for node in renamed.graph.node:
        node.input[:] = [back.get(n, n) for n in node.input]
        node.output[:] = [back.get(n, n) for n in node.output]
    for value in (*renamed.graph.input, *renamed.graph.output):
        value.name = back.get(value.name, value.name)
    return renamed
