"""The public names: those in the `__all__` of a package's `__init__`, read without importing it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PACKAGES: Final = {
    "sdk": "sonoedge",
    "export": "sonoedge_export",
    "runtimes": "sonoedge_runtimes",
    "benchmarks": "sonoedge_bench",
}


def public_names(root: Path) -> dict[str, list[str]]:
    """Module to its public names, in their order, for every module that has an `__all__`.

    `__version__` and other double-underscored names are left out: they are documented
    where their module is.
    """
    names = {}
    for module, file in _modules(root):
        exported = _exported(ast.parse(file.read_text(encoding="utf-8")))
        if exported:
            names[module] = [name for name in exported if not name.startswith("__")]
    return names


def _modules(root: Path) -> Iterator[tuple[str, Path]]:
    for folder, package in PACKAGES.items():
        for file in sorted((root / folder / package).rglob("*.py")):
            parts = file.relative_to(root / folder).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), file


def _exported(tree: ast.Module) -> list[str]:
    for node in tree.body:
        target, value = None, None
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
        elif isinstance(node, ast.AnnAssign):
            target, value = node.target, node.value
        if isinstance(target, ast.Name) and target.id == "__all__" and value is not None:
            return list(ast.literal_eval(value))
    return []
