"""The graph of the recipe's pruned network."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from sonoedge.errors import MissingDependency
from sonoedge_export.graph.build import Graph, build_graph
from sonoedge_export.graph.load_network import load_network
from sonoedge_export.progress import Stages
from sonoedge_export.prune.slim import load_slim
from sonoedge_export.recipe.recipe import Recipe


def pruned_graph(recipe: Recipe, stages: Stages, folder: Path) -> Graph:
    """Take the weights that [prune] names, or prune now, and trace.

    Its `trained` is the pruned network; variants are judged against the unpruned one.

    Args:
        folder: where a pruning that is done now keeps its network and goes on after an
            interruption, as `sonoedge prune --out` does.

    Raises:
        MissingDependency: pruning now needs the packages of the extra "compress".
        PruningRefused: the target cannot be reached, or nothing is gained.
        InvalidNetwork, InvalidData, InvalidSettings: the input cannot be used.
    """
    settings, weights = recipe.prune, recipe.files.pruned
    assert settings is not None
    if weights is None:
        slim = _pruned(recipe, folder, stages)
    else:
        with stages.stage("read the pruned network"):
            parent = load_network(recipe)
            slim = load_slim(parent, weights, settings)
    return build_graph(recipe, slim)


def _pruned(recipe: Recipe, folder: Path, stages: Stages) -> nn.Module:
    """Prune; what that needs is imported here, for most exports do without."""
    try:
        from sonoedge_export.prune.stage import prune
    except ModuleNotFoundError as error:
        if error.name != "torch_pruning":
            raise
        raise MissingDependency(
            "torch_pruning is not installed; run: pip install 'sonoedge[compress]'"
        ) from error
    return prune(recipe, folder, stages).network
