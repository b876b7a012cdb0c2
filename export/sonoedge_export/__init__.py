"""The workstation side: a trained network becomes a bundle.

The names below are imported when they are first used: torch, ONNX and the engines are loaded
by what needs them, and not by `import sonoedge_export`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from sonoedge.telemetry import disable_telemetry

if TYPE_CHECKING:
    from sonoedge.bundle import Gates as Gates
    from sonoedge_export.candidates.earlier import Earlier as Earlier
    from sonoedge_export.candidates.earlier import earlier_of as earlier_of
    from sonoedge_export.lint import lint as lint_graph
    from sonoedge_export.pipeline import export_bundle as export_bundle
    from sonoedge_export.progress import Stages as Stages
    from sonoedge_export.prune.stage import prune as prune_network
    from sonoedge_export.recipe.recipe import Recipe as Recipe
    from sonoedge_export.recipe.recipe import read_recipe as read_recipe
    from sonoedge_export.verify import verify_bundle as verify_bundle

disable_telemetry()  # before any module of this package imports an engine

# public name: "module:name"
PUBLIC: Final = {
    "Earlier": "sonoedge_export.candidates.earlier:Earlier",
    "Gates": "sonoedge.bundle:Gates",
    "Recipe": "sonoedge_export.recipe.recipe:Recipe",
    "Stages": "sonoedge_export.progress:Stages",
    "earlier_of": "sonoedge_export.candidates.earlier:earlier_of",
    "export_bundle": "sonoedge_export.pipeline:export_bundle",
    "lint_graph": "sonoedge_export.lint:lint",
    "prune_network": "sonoedge_export.prune.stage:prune",
    "read_recipe": "sonoedge_export.recipe.recipe:read_recipe",
    "verify_bundle": "sonoedge_export.verify:verify_bundle",
}

__all__ = [
    "Earlier",
    "Gates",
    "Recipe",
    "Stages",
    "earlier_of",
    "export_bundle",
    "lint_graph",
    "prune_network",
    "read_recipe",
    "verify_bundle",
]


def __getattr__(name: str) -> Any:
    if name not in PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, attribute = PUBLIC[name].partition(":")
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return __all__
