"""Every name of a module that stands in a string is in a table, and resolves."""

from __future__ import annotations

import ast
import importlib.util
import re
from pathlib import Path

import pytest

from sonoedge.cli import VERBS
from sonoedge.errors import MissingDependency
from sonoedge.late_edges import LATE_EDGES
from sonoedge.runtime import RUNTIMES, resolve

ROOT = Path(__file__).parents[2]
NAME = re.compile(r"sonoedge(_\w+)?(\.\w+)+:\w+")
TABLES = {
    "sdk/sonoedge/late_edges.py",
    "sdk/sonoedge/runtime.py",
    "sdk/sonoedge/cli.py",
    "sdk/sonoedge/sources/formats/__init__.py",
    "export/sonoedge_export/__init__.py",
    "runtimes/sonoedge_runtimes/testing/__init__.py",
}


@pytest.mark.parametrize("edge", LATE_EDGES)
def test_every_late_edge_resolves(edge: str) -> None:
    path = LATE_EDGES[edge]
    assert importlib.util.find_spec(path.partition(":")[0]) is not None
    try:
        assert resolve(path) is not None
    except MissingDependency as missing:
        pytest.skip(f"{edge}: {missing}")
    except ModuleNotFoundError as missing:
        if (missing.name or "sonoedge").startswith("sonoedge"):
            raise
        pytest.skip(f"{edge} needs {missing.name}, which is not installed")


def test_no_edge_stands_in_two_tables() -> None:
    others = {entry.path for entry in RUNTIMES.values()} | {path for _, path in VERBS.values()}
    assert not others & set(LATE_EDGES.values())


def test_no_module_is_named_in_a_string_anywhere_else() -> None:
    strays = []
    for package in ("sdk", "export", "runtimes", "benchmarks"):
        for file in sorted((ROOT / package).rglob("*.py")):
            name = file.relative_to(ROOT).as_posix()
            for node in ast.walk(ast.parse(file.read_text())):
                if (
                    name not in TABLES
                    and isinstance(node, ast.Constant)
                    and isinstance(node.value, str)
                    and NAME.fullmatch(node.value)
                ):
                    strays.append(f"{name}:{node.lineno}: {node.value}")
    assert strays == []
