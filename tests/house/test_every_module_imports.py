"""Every module of the four packages can be imported alone, by its own name."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = (
    "sdk/sonoedge",
    "export/sonoedge_export",
    "runtimes/sonoedge_runtimes",
    "benchmarks/sonoedge_bench",
)
# What a machine may lack: engines under their maker's licence, and optional readers.
OPTIONAL = frozenset(
    {
        "tensorrt",
        "tensorrt_rtx",
        "openvino",
        "ai_edge_litert",
        "rich",
        "matplotlib",
        "torch",
        "onnx",
        "safetensors",
    }
    | {"scipy", "sklearn", "nncf", "torch_pruning", "pydicom", "tomli"}
)


def _modules() -> list[str]:
    names = []
    for package in PACKAGES:
        root = (ROOT / package).parent
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return [name for name in names if not name.endswith("__main__")]


@pytest.mark.parametrize("name", _modules())
def test_the_module_can_be_imported(name: str) -> None:
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in OPTIONAL:
            raise
        pytest.skip(f"needs {error.name}")
    assert module.__name__ == name
