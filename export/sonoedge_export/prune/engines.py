"""The engines that candidates are timed on."""

from __future__ import annotations

from sonoedge.errors import InvalidSettings
from sonoedge.runtime import Runtime, runtime_class
from sonoedge_export.graph import Graph
from sonoedge_export.variants import VARIANTS


def open_variant(name: str, graph: Graph) -> Runtime:
    """The variant's engine over a candidate's graph.

    Raises:
        InvalidSettings: there is no such variant, or its graph is a quantized one.
        MissingDependency, RuntimeUnavailable: its engine cannot run here.
    """
    if name not in VARIANTS:
        raise InvalidSettings(f"prune.on: {name!r}; allowed: {', '.join(VARIANTS)}")
    row = VARIANTS[name]
    if row.dialect != "float" or row.pruned:
        raise InvalidSettings(
            f"prune.on: candidates cannot be timed on {name}; take a float variant"
        )
    return runtime_class(row.runtime)(graph.onnx, precision=row.precision, threads=None)
