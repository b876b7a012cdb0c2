"""The Python API: one page for each package with public names, and one for each name."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

from public_names import PACKAGES, public_names

FOLDER: Final = "reference/api/"
SOURCE_ROOTS: Final = tuple(PACKAGES)
# Modules that are public as a whole: every class and function in them has its entry on one page.
MODULES: Final = ("sonoedge.errors",)


def navigation(root: Path) -> list[object]:
    """The entries of the navigation: packages, their names below them."""
    entries: list[object] = [f"{FOLDER}index.md"]
    for module, names in public_names(root).items():
        below = [{name: _uri(module, name)} for name in names]
        entries.append({module: [f"{FOLDER}{module}/index.md", *below]})
    return entries + [{module: f"{FOLDER}{module}.md"} for module in MODULES]


def pages(root: Path) -> dict[str, str]:
    """Address within the site to Markdown, for every page of the API."""
    result = {}
    packages = public_names(root)
    for module, names in packages.items():
        result[f"{FOLDER}{module}/index.md"] = _package_page(root, module, names)
        for name in names:
            result[_uri(module, name)] = f"---\ntitle: {name}\n---\n\n::: {module}.{name}\n"
    for module in MODULES:
        result[f"{FOLDER}{module}.md"] = f"---\ntitle: {module}\n---\n\n::: {module}\n"
    result[f"{FOLDER}index.md"] = _index(root, packages)
    return result


def _uri(module: str, name: str) -> str:
    return f"{FOLDER}{module}/{name}.md"


def _index(root: Path, packages: dict[str, list[str]]) -> str:
    rows = [
        f"| [`{module}`]({module}/index.md) | {_summary(root, module)} |" for module in packages
    ] + [f"| [`{module}`]({module}.md) | {_summary(root, module)} |" for module in MODULES]
    return (
        "# Python API\n\n"
        "What is listed here is public: it is exported by its package and keeps its meaning\n"
        "within a major version. Everything else may change in any release.\n\n"
        "| module | purpose |\n|---|---|\n" + "\n".join(rows) + "\n"
    )


def _package_page(root: Path, module: str, names: list[str]) -> str:
    items = "\n".join(f"- [`{name}`]({Path(_uri(module, name)).name})" for name in names)
    return f"# {module}\n\n{_docstring(root, module)}\n\n{items}\n"


def _docstring(root: Path, module: str) -> str:
    """The module's docstring; "" where it has none."""
    folder = next(f for f, package in PACKAGES.items() if package == module.partition(".")[0])
    path = root / folder / Path(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""


def _summary(root: Path, module: str) -> str:
    return _docstring(root, module).partition("\n\n")[0].replace("\n", " ")
