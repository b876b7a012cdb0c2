"""Which of the network's modules a layer of an engine is: its graph's weights have their names.

A node of a graph that torch exported reads weights that are called as in the state dict,
"network.up1.mix.0.weight". Engines keep the node's name as their layer's, or a part of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

# Fields by their numbers in onnx.proto.
GRAPH, NODE = 7, 1
INPUT, OUTPUT, NAME, KIND = 1, 2, 3, 4
# What engines fuse to the layer before.
FUSED: Final = ("Relu", "Clip", "LeakyRelu", "HardSwish", "Add")
BLOCKED, TOKEN = "_nchwc", "_token_"
WEIGHT: Final = ".weight"
OURS: Final = "network."  # the deployed graph's name for the network as it was trained
VARINT, EIGHT, BYTES, FOUR = 0, 1, 2, 5


def module_names(graph: bytes) -> dict[str, str]:
    """The module of each node that reads weights, by the names that engines give its layer.

    Args:
        graph: an ONNX model's bytes, which an engine has read already.
    """
    names: dict[str, str] = {}
    made: dict[str, str] = {}  # the module of a value that a layer, or what is fused to it, makes
    for part in _fields(graph, GRAPH):
        for node in _fields(part, NODE):
            name, kind = _first(node, NAME), _first(node, KIND)
            inputs = [i.decode(errors="replace") for i in _fields(node, INPUT)]
            weight = next((i for i in inputs if WEIGHT in i), None)
            if weight is not None:
                module = weight.partition(WEIGHT)[0].removeprefix(OURS)
                names[name] = module
            elif kind in FUSED:
                module = next((made[i] for i in reversed(inputs) if i in made), "")
            else:
                continue
            made[_first(node, OUTPUT)] = module
    blocked = {f"{value}{BLOCKED}": module for value, module in made.items() if module}
    return blocked | {name: module for name, module in names.items() if name}


def module_of(layer: str, names: Mapping[str, str]) -> str:
    """The module of an engine's layer; "" where it cannot be told.

    Engines add to a node's name, "node_Conv_3/WithoutBiases" or "node_Conv_3_token_7"; ONNX
    Runtime calls a convolution in its blocked layout by its output, "relu_3_nchwc".
    """
    known = names.get(layer.partition(TOKEN)[0])
    if known is not None:
        return known
    parts = [n for n in names if not n.endswith(BLOCKED) and _stands_in(n, layer)]
    return names[max(parts, key=len)] if parts else ""


def _stands_in(node: str, layer: str) -> bool:
    """Whether a layer's name has a node's in it, and no longer number in its place."""
    _, found, behind = layer.partition(node)
    return bool(found) and not behind[:1].isdigit()


def _first(message: bytes, number: int) -> str:
    """The first text of a field; "" where there is none."""
    return next((each.decode(errors="replace") for each in _fields(message, number)), "")


def _fields(message: bytes, number: int) -> Iterator[bytes]:
    """What the fields of this number hold, in a message of protobuf's encoding."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == VARINT:
            _, at = _varint(message, at)
        elif kind in (EIGHT, FOUR):
            at += 8 if kind == EIGHT else 4
        elif kind == BYTES:
            size, at = _varint(message, at)
            if tag >> 3 == number:
                yield message[at : at + size]
            at += size
        else:
            return


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message):
        byte = message[at]
        value, shift, at = value | (byte & 127) << shift, shift + 7, at + 1
        if not byte & 128:
            break
    return value, at
