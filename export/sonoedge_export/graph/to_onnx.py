"""From a torch module to ONNX, and a network that is ONNX already between two such modules."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from typing import Any

import onnx
import torch
from onnx import compose
from torch import Tensor, nn

from sonoedge.errors import InvalidNetwork
from sonoedge_export.graph.deploy import INPUT, Answer
from sonoedge_export.graph.onnx_file import OnnxFile
from sonoedge_export.graph.opset import nearest_opset, to_opset, version
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


def embed(file: OnnxFile, answer: Answer, input_hw: tuple[int, int]) -> onnx.ModelProto:
    """The file's network with scaling before and answers behind it, static shapes throughout.

    Raises:
        InvalidNetwork: the file's operators cannot be brought to a version that engines read,
            or its outputs are not what the recipe names.
    """
    network = onnx.ModelProto()
    network.CopyFrom(file.model)
    _fix_shapes(network, file, input_hw)
    network = nearest_opset(network, file.name)
    network.ir_version = IR_VERSION
    frame = torch.zeros(1, 1, *input_hw, dtype=torch.uint8)
    before = to_onnx(file.given, (frame,), [INPUT], ["given"])
    given = [f"raw{i}" for i in range(len(file.outputs))]
    behind = to_onnx(_Behind(file, answer), tuple(file.example), given, answer.output_names)
    if version(network) != OPSET:
        before, behind = (to_opset(part, version(network), file.name) for part in (before, behind))
    before.ir_version = behind.ir_version = IR_VERSION
    inner = compose.add_prefix(network, "network/")
    joined = compose.merge_models(
        before, inner, io_map=[("given", f"network/{file.declared.name}")]
    )
    unused = {i.name for i in behind.graph.input}
    pairs = [(f"network/{o}", g) for o, g in zip(file.outputs, given, strict=True) if g in unused]
    behind = _prefixed(behind, {*given, *answer.output_names})
    return clean(compose.merge_models(joined, behind, io_map=pairs, outputs=answer.output_names))


class _Behind(nn.Module):
    """What stands behind the network, as a module of many tensors."""

    def __init__(self, file: OnnxFile, answer: Answer) -> None:
        super().__init__()
        self.taken, self.answer = file.taken, answer

    def forward(self, *raw: Tensor) -> Any:
        return self.answer(self.taken(*raw))


def _fix_shapes(model: onnx.ModelProto, file: OnnxFile, input_hw: tuple[int, int]) -> None:
    """Sizes that the file leaves open become those that the example had."""
    constants = {t.name for t in model.graph.initializer}
    kept = [i for i in model.graph.input if i.name not in constants]
    del model.graph.input[:]
    model.graph.input.extend(kept)
    example = file.given(torch.zeros(1, 1, *input_hw, dtype=torch.uint8))
    pairs = [(kept[0], example), *zip(model.graph.output, file.example, strict=True)]
    for value, tensor in pairs:
        shape = value.type.tensor_type.shape
        del shape.dim[:]
        for size in tensor.shape:
            shape.dim.add().dim_value = size
    del model.graph.value_info[:]


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
