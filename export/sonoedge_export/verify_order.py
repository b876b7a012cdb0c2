"""In which order a bundle's variants are verified: what others are compared with goes first."""

from __future__ import annotations

from collections.abc import Sequence

from sonoedge.bundle import Manifest, Variant
from sonoedge_export.variants import VARIANTS


def is_pruned(variant: Variant) -> bool:
    """Whether a variant is of a pruned network, by its id."""
    return variant.id in VARIANTS and VARIANTS[variant.id].pruned


def in_order(manifest: Manifest, asked: Sequence[Variant]) -> list[Variant]:
    """The reference first, what else is compared with before what is compared."""
    own = [v for v in manifest.variants if is_pruned(v) and v.precision == "fp32"][:1]
    first = [v for v in manifest.variants if v.id == manifest.reference_variant]
    if any(is_pruned(v) for v in asked):
        first += own
    return first + [v for v in asked if v not in first]
