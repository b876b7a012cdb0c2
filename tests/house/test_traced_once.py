"""A network is traced anew as soon as anything of it is another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="needs torch")
pytest.importorskip("onnx", reason="needs onnx")
import onnx
import torch

from traced_once import known_by, traced_once


class Small(torch.nn.Module):
    """A layer, and a number of its own."""

    def __init__(self, gain: object = 2.0) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer = torch.nn.Conv2d(1, 1, 1)
        self.gain = gain

    def forward(self, x: Any) -> Any:
        return self.layer(x) * self.gain


class Other(Small):
    """The same by all but its name."""


def test_the_same_network_is_traced_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONOEDGE_TESTS_SHARED", str(tmp_path))
    asked = []

    def to_onnx(
        module: Any, example: Sequence[Any], inputs: Sequence[str], outputs: Sequence[str]
    ) -> Any:
        asked.append(module)
        graph = onnx.helper.make_graph([], f"graph {len(asked)}", [], [])
        return onnx.helper.make_model(graph)

    def name(module: Any, side: int = 4, output: str = "y") -> str:
        made = traced_once(to_onnx)(module, (torch.zeros(1, 1, side, side),), ["x"], [output])
        return str(made.graph.name)

    assert name(Small()) == name(Small()) == "graph 1"
    moved = Small()
    with torch.no_grad():
        moved.layer.bias += 1
    others = [moved, Other(), Small(3.0)]
    assert [name(module) for module in others] == [f"graph {n}" for n in (2, 3, 4)]
    assert [name(Small(), side=8), name(Small(), output="z")] == ["graph 5", "graph 6"]
    assert name(Small()) == "graph 1"


def test_what_is_not_known_for_sure_is_traced_each_time() -> None:
    assert known_by(Small()) is not None
    assert known_by(Small(lambda x: x)) is None
    assert known_by(Small(torch.ones(2000))) is None
    hooked = Small()
    hooked.layer.register_forward_hook(lambda *given: None)
    assert known_by(hooked) is None
