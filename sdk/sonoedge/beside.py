"""What a bundle says of a region beside its measures: opinions, certainty, clinical values."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from sonoedge.analysis import Region
from sonoedge.bundle import Bundle, Manifest
from sonoedge.bundle.heads import embedding_names
from sonoedge.certainty import Certainty
from sonoedge.clinical import Coefficient, join
from sonoedge.closing import Closing
from sonoedge.description import Described
from sonoedge.heads import Heads, load_heads
from sonoedge.measure import names_of
from sonoedge.processing.postprocess import EMBEDDING
from sonoedge.recalibration import Recalibration


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Beside(Closing):
    """Heads, thresholds and coefficients of one bundle, for one of its variants."""

    heads: Heads
    certainty: Certainty | None
    clinical: Mapping[str, Coefficient]

    def complete(
        self, description: Described, region: Region, examination: Mapping[str, float | None]
    ) -> Described:
        """A description with all of them.

        Args:
            examination: values by name; they are used here and kept nowhere.
        """
        return dataclasses.replace(
            description,
            opinions=self.heads.ask(
                description.measures.values,
                region.embedding,
                suspicion=region.suspicion,
                flagged=region.flagged,
            ),
            certainty=None if self.certainty is None else self.certainty.answer(region.suspicion),
            clinical=join(region.suspicion, self.clinical, examination) if self.clinical else None,
        )

    def close(self) -> None:
        """Give the engines back; closing twice is harmless."""
        self.heads.close()


def load_beside(
    bundle: Bundle, variant: str, certainty: Recalibration | None = None
) -> Beside | None:
    """What a bundle says beside its measures; None where that is nothing.

    Args:
        variant: the id of the one that analyses.
        certainty: thresholds in place of the bundle's own.

    Raises:
        InvalidSettings: they are of another bundle or variant.
        BundleError, EngineFailed, MissingDependency: see `load_heads`.
    """
    manifest = bundle.manifest
    own = manifest.certainty
    if certainty is not None:
        own = certainty.thresholds(manifest.bundle_id, variant)
    if manifest.measure is None or not (manifest.heads or own or manifest.clinical):
        return None
    names = names_of(manifest.measure.groups) + embedding_names(_components(manifest))
    heads = load_heads(bundle, variant, names)
    return Beside(heads=heads, certainty=own, clinical=manifest.clinical)


def _components(manifest: Manifest) -> int:
    """Of the embedding that the graphs give; 0 where they give none."""
    return sum(spec.shape[1] for spec in manifest.outputs if spec.name == EMBEDDING)
