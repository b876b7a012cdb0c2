"""A folder with the small network, a recipe that prunes it, and drawn frames."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import nn

from sonoedge_export.graph.build import Graph
from sonoedge_export.prune import stage
from sonoedge_export.recipe.recipe import Recipe
from sonoedge_runtimes.testing.null import Null

HERE = Path(__file__).parent
RECIPE = """
name = "small"
version = "1"
intended_use = "Tests."
task = "both"
threshold_chosen_on = "nothing"

[network]
factory = "small:small"

[input]
height = 32
width = 48

[outputs.lesion_map]
output = "lesion"
activation = "sigmoid"

[outputs.malignancy_map]
output = "malignancy"
activation = "sigmoid"

[outputs.class_probs]
output = "frame"

[postprocess]
labels = ["normal", "benign", "malignant"]
positive = ["malignant"]

[data]
frames = ["frames/frames.json"]

[prune]
target_speedup = 2.0

[prune.recover]
frames = ["frames/frames.json"]
check_split = "test"
epochs = 3
batch = 4
check_every = 3
workers = 0
"""


@pytest.fixture
def load() -> Callable[[Path], ModuleType]:
    """A module from a file, under a name of its own."""
    return _load


def _load(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"prune_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def network() -> torch.nn.Module:
    """The small network."""
    made: torch.nn.Module = _load(HERE / "small.py").small()
    return made


@pytest.fixture
def example() -> torch.Tensor:
    """An input of it."""
    return torch.rand(1, 1, 32, 48, generator=torch.Generator().manual_seed(1)) * 2 - 1


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """recipe.toml, small.py and frames/frames.json."""
    (tmp_path / "recipe.toml").write_text(RECIPE)
    shutil.copy(HERE / "small.py", tmp_path)
    _load(HERE.parents[1] / "tiny" / "frames.py").write_frames(tmp_path / "frames")
    monkeypatch.delitem(sys.modules, "small", raising=False)
    return tmp_path


@pytest.fixture
def workplace(place: Path) -> Path:
    """What `edited` edits."""
    return place


class Weighed:
    """In place of an engine: knows how many weights its graph has."""

    def __init__(self, variant: str, graph: Graph) -> None:
        self.weights = graph.parameters or 0
        self.closed = False

    def close(self) -> None:
        self.closed = True


def untraced(recipe: Recipe, network: nn.Module) -> Graph:
    """A graph that is no ONNX but counts its weights: tracing takes seconds."""
    size = sum(p.numel() for p in network.parameters())
    return Graph(onnx=b"", trained=Null, parameters=size)  # type: ignore[arg-type]


def by_weights(runtimes: Mapping[str, Any]) -> dict[str, float]:
    """A timer without a clock: a thousand weights take a millisecond."""
    return {name: r.weights / 1000 for name, r in runtimes.items()}


@pytest.fixture
def unclocked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Engine and timer for `prune`: the same latencies on every machine."""
    monkeypatch.setattr(stage, "build_graph", untraced)
    return {"open": Weighed, "timer": by_weights}
