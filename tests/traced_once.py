"""The same network is traced once a run: it takes a second, and most tests ask what comes after.

A network is the same where its code, its weights, its settings and what is asked of it are.
"""

from __future__ import annotations

import dataclasses
import hashlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import onnx
import torch
from torch import nn

from once import made_once

Trace = Callable[[nn.Module, tuple[Any, ...], Sequence[str], Sequence[str]], onnx.ModelProto]


def traced_once(to_onnx: Trace) -> Trace:
    """`to_onnx`, which looks first for what it has made of the same network in this run."""

    def traced(
        module: nn.Module, example: tuple[Any, ...], inputs: Sequence[str], outputs: Sequence[str]
    ) -> onnx.ModelProto:
        words = known_by(module.eval())
        if words is None:
            return to_onnx(module, example, inputs, outputs)
        shapes = [(x.dtype, tuple(x.shape)) for x in example]
        asked = repr((words, shapes, list(inputs), list(outputs)))

        def trace(folder: Path) -> None:
            onnx.save(to_onnx(module, example, inputs, outputs), folder / "graph.onnx")

        name = hashlib.sha256(asked.encode()).hexdigest()
        return onnx.load(made_once(f"traced/{name}", trace) / "graph.onnx")

    return traced


def known_by(module: nn.Module) -> list[object] | None:
    """All that a module's graph hangs on; None where that cannot be told."""
    words: list[object] = []
    for name, part in module.named_modules():
        file = getattr(sys.modules.get(type(part).__module__), "__file__", None)
        own = {k: v for k, v in vars(part).items() if not k.startswith("_") and k != "training"}
        if file is None or part._forward_hooks or not all(map(_plain, own.values())):
            return None
        code = hashlib.sha256(Path(file).read_bytes()).hexdigest()
        words.append((name, type(part).__qualname__, code, sorted(map(repr, own.items()))))
    for name, tensor in (*module.named_parameters(), *module.named_buffers()):
        data = tensor.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes()
        kind = (name, tensor.dtype, tuple(tensor.shape))
        words.append((*kind, hashlib.sha256(data).hexdigest()))
    return words


def _plain(value: object) -> bool:
    """Whether a value's `repr` tells all of it."""
    if isinstance(value, tuple | list):
        return all(map(_plain, value))
    if dataclasses.is_dataclass(value):
        return all(_plain(getattr(value, field.name)) for field in dataclasses.fields(value))
    return value is None or isinstance(value, bool | int | float | str)
