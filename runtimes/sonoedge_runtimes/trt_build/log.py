"""The compiled layers, as the builder lists them in its verbose log.

Two spellings are read. TensorRT-RTX, and TensorRT where its new compiler is used:

    Layers:
    Name: n, LayerType: correlation, Inputs: [ { ..., Datatype: Int8, ... }], Constants: [...],
    Outputs: [...], TacticName: ..., Metadata: [ONNX Layer: conv][ONNX Layer: relu]

and native TensorRT 8 to 10:

    Engine Layer Information:
    Layer(CaskConvolution): conv + relu, Tactic: 0x..., x[Int8(1,8,64,64)] -> y[Half(1,8,64,64)]
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from sonoedge_runtimes.trt_build.report import Layer

_COMPILED: Final = re.compile(r"Name: (?P<name>.*?), LayerType: (?P<kind>[^,]*), (?P<rest>.*)")
_ENGINE: Final = re.compile(
    r"Layer\((?P<kind>[^)]*)\): (?P<name>.*), Tactic: [^,]*, (?P<inputs>.*?) ?-> (?P<outputs>.*)"
)
_NODE: Final = re.compile(r"\[ONNX Layer: ([^\]]*)\]")
_TYPE: Final = re.compile(r"\[([A-Za-z]\w*)\(")
# TensorRT's words for convolutions and matrix products, in kinds and in fused kernels' names.
_WEIGHTED: Final = re.compile(
    r"corr(elation)?$|conv|gemm|matrix_?multiply|matmul|fully_?connected|deconv", re.IGNORECASE
)
_FUSED: Final = re.compile(r"__myl_\w*(Corr|Conv|Gemm|MatMul|FC|Dot)\w*")
# A fused kernel that takes float, rounds it to int8 and multiplies that at once: its factors
# come behind. ("CastMulCorr" is the reverse: int8 made float, then multiplied.)
_ROUNDS: Final = re.compile(r"__myl_\w*RounCast(Corr|Conv|Gemm|MatMul|FC|Dot)\w*")


def compiled_layers(records: Iterable[tuple[str, str]]) -> tuple[Layer, ...]:
    """The layers in the log's last list of them; empty where there is none.

    Args:
        records: (severity, message).
    """
    layers: tuple[Layer, ...] = ()
    for message in _messages(records):
        if message.startswith("Layers:"):
            layers = tuple(_compiled(message)) or layers
        elif message.startswith("Engine Layer Information:"):
            layers = tuple(_engine(message)) or layers
    return layers


def by_precision(layers: Iterable[Layer]) -> Mapping[str, int]:
    """Number of weighted layers per precision, the most frequent first."""
    return dict(Counter(each.precision for each in layers if each.weighted).most_common())


def _messages(records: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Messages; lines that came one by one after a heading belong to it."""
    block: list[str] = []
    for _, message in records:
        if block and message.startswith(("Layer(", "Name: ")):
            block.append(message)
            continue
        if block:
            yield "\n".join(block)
            block = []
        if message.startswith(("Layers:", "Engine Layer Information:")):
            block = [message]
        else:
            yield message
    if block:
        yield "\n".join(block)


def _compiled(message: str) -> Iterator[Layer]:
    for line in message.splitlines():
        if line.startswith("I/O Tensors"):
            return
        match = _COMPILED.match(line)
        if match is None:
            continue
        details = match["rest"]
        inputs, weights = _types(details, "Inputs"), _types(details, "Constants")
        kind, name = match["kind"], match["name"]
        yield Layer(
            name=name,
            kind=kind,
            precision="int8"
            if "int8" in weights and _ROUNDS.match(name)
            else _precision(inputs, weights),
            inputs=inputs,
            outputs=_types(details, "Outputs"),
            weights=weights,
            nodes=tuple(_NODE.findall(details)),
            weighted=bool(_WEIGHTED.search(kind) or _FUSED.match(name)),
        )


def _engine(message: str) -> Iterator[Layer]:
    for line in message.splitlines():
        match = _ENGINE.match(line.strip())
        if match is None:
            continue
        inputs = tuple(t.lower() for t in _TYPE.findall(match["inputs"]))
        yield Layer(
            name=match["name"],
            kind=match["kind"],
            precision=_precision(inputs, ()),
            inputs=inputs,
            outputs=tuple(t.lower() for t in _TYPE.findall(match["outputs"])),
            weights=(),
            nodes=tuple(part.strip() for part in match["name"].split(" + ")),
            weighted=bool(_WEIGHTED.search(match["kind"])),
        )


def _types(details: str, part: str) -> tuple[str, ...]:
    """Data types of the tensors in one bracketed part of a line."""
    begin = details.find(f"{part}: [ {{")
    if begin < 0:
        return ()
    end = details.find("}],", begin)
    inside = details[begin : len(details) if end < 0 else end]
    return tuple(t.lower() for t in re.findall(r"Datatype: (\w+)", inside))


def _precision(inputs: tuple[str, ...], weights: tuple[str, ...]) -> str:
    """int8 only where a tensor and, if they are listed, the weights are int8 both."""
    if "int8" in inputs and (not weights or "int8" in weights):
        return "int8"
    return next((t for t in inputs if t != "int8"), inputs[0] if inputs else "none")
