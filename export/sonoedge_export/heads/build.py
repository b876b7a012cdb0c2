"""Build what a recipe says of heads and certainty, on the variants that go into a bundle."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sonoedge.bundle.heads import Head
from sonoedge.certainty import Certainty
from sonoedge.runtime import Runtime
from sonoedge_export.heads.certainty import calibrated
from sonoedge_export.heads.reading import FrameReader
from sonoedge_export.progress import Stages
from sonoedge_export.recipe.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BuiltHead:
    """A head as it goes into a bundle.

    Attributes:
        files: by path within the bundle.
        report: figures for verification.json.
    """

    entry: Head
    files: Mapping[str, bytes]
    report: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opinions:
    """All that stands beside the network's own answer."""

    heads: tuple[BuiltHead, ...] = ()
    certainty: Certainty | None = None


def check_packages(recipe: Recipe) -> None:
    """Refuse heads without what fits them, before anything is computed.

    Raises:
        MissingDependency: scikit-learn is not installed.
    """
    if recipe.head:
        # Late: a recipe without heads does without scikit-learn.
        import sonoedge_export.heads.head  # noqa: F401


def build_opinions(
    recipe: Recipe,
    reference: str,
    engines: Mapping[str, Runtime],
    float_graph: bytes,
    stages: Stages,
) -> Opinions:
    """Fit, check and judge every head; calibrate the certainty.

    Args:
        reference: id of the variant whose regions are fitted on.
        engines: of the bundle's variants, by their ids.
        float_graph: graphs/fp32.onnx.

    Raises:
        InvalidData: frames cannot be read, or are too few.
        GateFailed: a head's graph is not its estimator.
        MissingDependency: scikit-learn is not installed.
    """
    settings = recipe.measure
    if settings is None or (not recipe.head and recipe.certainty is None):
        return Opinions()
    readers = {
        name: FrameReader(recipe=recipe, settings=settings, name=name, engine=engine, stages=stages)
        for name, engine in engines.items()
    }
    network = hashlib.sha256(float_graph).hexdigest()
    heads: tuple[BuiltHead, ...] = ()
    if recipe.head:
        from sonoedge_export.heads.head import build_head  # late: see check_packages

        heads = tuple(build_head(head, readers, reference, network, stages) for head in recipe.head)
    certainty = None
    if recipe.certainty is not None:
        certainty = calibrated(recipe.certainty, readers[reference])
    return Opinions(heads=heads, certainty=certainty)
